// Made by build.mjs of docs/errors.md.
declare module 'error-texts' {
  const texts: Record<string, { retry: boolean; meaning: string }>;
  export default texts;
}
