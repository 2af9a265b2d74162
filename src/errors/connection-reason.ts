const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refuses connections',
  ECONNRESET: 'closed the connection',
  EPIPE: 'closed the connection',
  EHOSTUNREACH: 'cannot be reached by any route',
  ENETUNREACH: 'cannot be reached by any route',
  ETIMEDOUT: 'does not answer',
  EAI_AGAIN: 'has a name that cannot be resolved now',
  ENOTFOUND: 'has a name that cannot be resolved',
  EPROTO: 'does not speak TLS, or none that is understood here',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'has a certificate that it signed itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'has a certificate of an authority that is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'has a certificate of an authority that is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'has a certificate of an authority that is not trusted',
  CERT_HAS_EXPIRED: 'has a certificate that has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'has a certificate for another name',
};

/** Codes that a library has many of. */
const FAMILIES = [
  ['HPE_', 'answers with something that is not HTTP'],
  ['ERR_SSL_', 'does not speak TLS, or none that is understood here'],
] as const;

/** Why a connection came to nothing, in words that follow the name of the other side, with the code of the library. */
export function connectionReason(cause: Error & { readonly code?: string }): string {
  const code = cause.code ?? '';
  const family = FAMILIES.find(([prefix]) => code.startsWith(prefix));
  const reason = family?.[1] ?? REASONS[code];
  return `${reason ?? `failed: ${firstLine(cause)}`} (${code || 'no code'})`;
}

function firstLine(cause: Error): string {
  return (cause.message || cause.name).split('\n', 1)[0].slice(0, 200);
}
