/** The name that takes the fewest edits, if it is near enough to be meant. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  let nearest: string | undefined;
  let fewest = Math.max(2, Math.ceil(name.length / 3));
  for (const candidate of known) {
    const edits = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (edits <= fewest) {
      nearest = candidate;
      fewest = edits - 1;
    }
  }
  return nearest;
}

/** The names that are near enough to be meant, or begin so; nearest first. */
export function nearestNames(name: string, known: readonly string[], most = 3): string[] {
  const wanted = name.trim().toLowerCase();
  const fewest = Math.max(2, Math.ceil(wanted.length / 3));
  return [...new Set(known)]
    .map((candidate) => {
      const edits = editDistance(wanted, candidate.toLowerCase());
      return { candidate, edits: candidate.toLowerCase().startsWith(wanted) ? Math.min(edits, 1) : edits };
    })
    .filter(({ edits }) => edits <= fewest)
    .sort((one, other) => one.edits - other.edits)
    .slice(0, most)
    .map(({ candidate }) => candidate);
}

function editDistance(one: string, other: string): number {
  let previous = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const substitution = previous[column - 1] + (one[row - 1] === other[column - 1] ? 0 : 1);
      current.push(Math.min(previous[column] + 1, current[column - 1] + 1, substitution));
    }
    previous = current;
  }
  return previous[other.length];
}
