/**
 * A Windows path in the one spelling that files are looked up by: lower case, single backslashes, without
 * `.` and `..`. Agents canonicalise before they look ([MS-WUSP] 7, FileExists): rules write `\\system32\x.sys`
 * below a folder that ends in a backslash.
 */
export function canonicalPath(path: string): string {
  return joinPath(path).toLowerCase();
}

/** The same path, in the letter case it was written in. */
export function joinPath(...parts: readonly string[]): string {
  const written = parts.join('\\');
  const isShare = /^\s*[\\/]{2}[^\\/]/.test(parts[0] ?? '');
  const segments: string[] = [];
  for (const segment of written.trim().split(/[\\/]+/)) {
    if (segment === '' || segment === '.') continue;
    // A path cannot leave its drive.
    if (segment === '..') {
      if (segments.length > 1) segments.pop();
    } else segments.push(segment);
  }
  return `${isShare ? '\\\\' : ''}${segments.join('\\')}`;
}
