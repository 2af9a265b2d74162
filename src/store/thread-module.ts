/**
 * The address of a module that runs in a thread of its own, for `new Worker`. It stands beside the module
 * that starts it and has the same ending: `.ts` in a checkout, `.js` in the package.
 *
 * @param name without ending, for example `writer-thread`
 * @param beside `import.meta.url` of the module that starts it
 */
export function threadModule(name: string, beside: string): URL {
  return new URL(`./${name}${beside.endsWith('.ts') ? '.ts' : '.js'}`, beside);
}
