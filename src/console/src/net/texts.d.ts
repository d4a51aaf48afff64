// Made by build.mjs of docs/errors.md and docs/operations/readiness.md.
declare module 'error-texts' {
  const texts: Record<string, { retry: boolean; meaning: string }>;
  export default texts;
}
declare module 'ready-texts' {
  const texts: Record<string, string | undefined>;
  export default texts;
}
