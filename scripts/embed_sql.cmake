# Turns SQL files into a C++ function that returns them, so that the program and its SQL cannot
# differ.
# cmake -DOUT=migrations.cpp -DFUNCTION=migrations "-DFILES=a.sql;b.sql" [-DNUMBERED=ON] -P embed_sql.cmake
cmake_minimum_required(VERSION 3.25)
set(text "// Generated from SQL files.\n#include <parley/log/schema.h>\n\nnamespace parley {\n\n")
string(APPEND text "const std::vector<SqlFile>& ${FUNCTION}() {\n    static const std::vector<SqlFile> files{\n")
set(number 0)
foreach(file ${FILES})
  get_filename_component(name ${file} NAME_WE)
  math(EXPR number "${number} + 1")
  # A migration's version is its place in the list, so a duplicate number would go unnoticed.
  if(NUMBERED AND NOT name MATCHES "^0*${number}_")
    message(FATAL_ERROR "${name}.sql: migration ${number} was expected here")
  endif()
  file(READ ${file} sql)
  string(APPEND text "        {\"${name}\", R\"~SQL~(${sql})~SQL~\"},\n")
endforeach()
string(APPEND text "    };\n    return files;\n}\n\n}  // namespace parley\n")
file(WRITE ${OUT} "${text}")
