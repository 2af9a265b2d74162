export interface PolicyStepsOptions {
  /** What clients are to be told, for example https://wsus.example.com:8531. */
  readonly url: string;
  /** The certificate of the authority that clients have to trust; undefined where they know it already. */
  readonly authorityFile?: string;
  /** SHA-256 of that certificate, to compare with what arrived. */
  readonly fingerprint?: string;
}

/** What an administrator does in the Group Policy Management Editor so that clients use this server over TLS. */
export function policySteps({ url, authorityFile, fingerprint }: PolicyStepsOptions): string {
  const trust =
    authorityFile === undefined
      ? []
      : [
          'Group Policy, once: let computers trust the certification authority of this server',
          `  1. Copy ${authorityFile} to where you edit policies, as oakum-ca.cer ("oakum tls ca" prints it).`,
          '  2. Computer Configuration > Policies > Windows Settings > Security Settings > Public Key Policies >',
          '     Trusted Root Certification Authorities > Import: choose the file.',
          ...(fingerprint === undefined ? [] : [`     Its SHA-256 is ${fingerprint}`]),
          '',
        ];
  return [
    ...trust,
    'Group Policy: let computers use this server',
    '  Computer Configuration > Policies > Administrative Templates > Windows Components > Windows Update >',
    '  (Manage updates offered from Windows Server Update Service >)',
    '  "Specify intranet Microsoft update service location". Enter the same address for both',
    `    intranet update service       ${url}`,
    `    intranet statistics server    ${url}`,
  ].join('\n');
}
