/** Two policies that have nothing in common but the names of some groups. */
export function killedPolicies(): object[] {
  const policy = (odd: number): object => {
    const numbers = Array.from({ length: 20 }, (_, index) => 2 * index + odd);
    return {
      version: 1,
      groups: [
        { name: 'Top', groups: odd === 0 ? [] : [{ name: 'Moved' }] },
        ...(odd === 0 ? [{ name: 'Moved' }] : []),
        ...numbers.map((number) => ({ name: `Group ${number}` })),
      ],
      groupRules: numbers.map((number) => ({ name: `a${number}`, group: `Group ${number}`, names: ['x'] })),
      rules: numbers.map((number) => ({ name: `r${number}`, groups: ['Moved', `Group ${number}`] })),
      rings: numbers.map((number) => ({ name: `s${number}`, steps: [{ group: `Group ${number}` }] })),
      settings: { 'sync.pageUpdates': 10 + odd },
    };
  };
  return [policy(0), policy(1)];
}
