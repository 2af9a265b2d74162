import { Type, type Static, type TSchema } from 'typebox';

/**
 * Every setting, once: key, type, bounds, default and unit. The file, the environment, the flags, the
 * documentation and "oakum config show" all come from this table. Keys end in their unit. What has the scope
 * "process" is never taken from the store: addresses to listen on, files on this machine, secrets.
 */
export const SETTINGS = {
  listen: Type.String({
    default: '0.0.0.0:8530',
    scope: 'process',
    description:
      'Address and port that clients connect to over plain HTTP; empty for none. 8530 is the port WSUS uses.',
  }),
  'tls.listen': Type.String({
    default: 'auto',
    scope: 'process',
    description:
      'Address and port that clients connect to over TLS; empty for none. "auto": port 8531, as WSUS has it, on the ' +
      'address of "listen" where that has port 8530 or is empty, 443 where it has 80, else none.',
  }),
  'tls.certificateFile': Type.String({
    default: '',
    scope: 'process',
    description:
      'Certificate with its chain in PEM, read again when it changes. Empty: one that a certification authority in the ' +
      'data folder issues and renews.',
  }),
  'tls.keyFile': Type.String({
    default: '',
    scope: 'process',
    description: 'Private key in PEM, without passphrase. Empty: it is in tls.certificateFile.',
  }),
  'tls.minVersion': Type.Union([Type.Literal('1.2'), Type.Literal('1.3')], {
    default: '1.2',
    scope: 'process',
    description: 'Oldest version of TLS that is spoken. Windows knows 1.3 since Windows 11.',
  }),
  'tls.clientCertificates': Type.Union(
    [Type.Literal('off'), Type.Literal('request'), Type.Literal('require')],
    {
      default: 'off',
      scope: 'process',
      description:
        'Whether clients must show a certificate on tls.listen: never asked (off), asked and logged, but let in ' +
        'without (request), or refused without (require).',
    },
  ),
  'tls.clientCaFile': Type.String({
    default: '',
    scope: 'process',
    description: 'Authorities in PEM that issue the certificates of clients.',
  }),
  'server.names': Type.String({
    default: '',
    scope: 'process',
    pattern: '^[A-Za-z0-9._:, -]*$',
    description:
      'Names and addresses that clients know this server by, separated by commas, the best one first; its host name and ' +
      'addresses belong to them anyway. They are in the self-issued certificate, and no other name is repeated in ' +
      'download addresses.',
  }),
  'content.listen': Type.String({
    default: '',
    scope: 'process',
    description:
      'Address and port for downloads alone, which then go there instead of where clients connect. Empty: none.',
  }),
  'content.tls': Type.Boolean({
    default: false,
    scope: 'process',
    description: 'Whether content.listen speaks TLS. It need not: files are checked against the metadata.',
  }),
  'admin.listen': Type.String({
    default: '127.0.0.1:8540',
    scope: 'process',
    description: 'Address and port of the administration, API and console; empty for none.',
  }),
  'admin.tls': Type.Union([Type.Literal('auto'), Type.Literal('on'), Type.Literal('off')], {
    default: 'auto',
    scope: 'process',
    description: 'Whether admin.listen speaks TLS. "auto": unless it is a loopback address.',
  }),
  'admin.url': Type.String({
    default: '',
    pattern: '^(https?://[A-Za-z0-9.:\\[\\]-]+)?$',
    description:
      'How browsers reach the administration, for example https://updates.example.com:8540; identity providers send them ' +
      'back there. Empty: the address it listens at.',
  }),
  'admin.trustedProxies': Type.String({
    default: '',
    pattern: '^[0-9A-Fa-f.:/, ]*$',
    scope: 'process',
    description:
      'Addresses or networks of reverse proxies before the administration, separated by commas. What they say of who asks ' +
      'is believed; without, everybody behind a proxy shares one address, and is slowed down for the guesses of others.',
  }),
  'admin.maxUploadBytes': Type.Integer({
    default: 4_294_967_296,
    minimum: 1_048_576,
    maximum: 1_099_511_627_776,
    description: 'Bytes of a file that is sent to the administration: packages to import, content.',
  }),
  'backups.folder': Type.String({
    default: '',
    scope: 'process',
    description:
      'Where backups go that are asked for over HTTP; relative to the data folder. Empty: its folder "backups".',
  }),
  workers: Type.String({
    default: 'auto',
    pattern: '^(auto|[1-9][0-9]?)$',
    description:
      'Processes that serve, on one port and one store: a number, or "auto" for half the processors. Each has its ' +
      'own catalogue in memory.',
  }),
  'content.baseUrl': Type.String({
    default: '',
    pattern: '^(https?://[A-Za-z0-9.:\\[\\]-]+(/[A-Za-z0-9._~/-]*)?)?$',
    description:
      'What download addresses begin with, for example http://wsus.example.com:8530. Empty: the host and port each client ' +
      'asked, if that is a name of this server.',
  }),
  'clients.registrationRequired': Type.Boolean({
    default: true,
    description: 'Whether computers must register before they are served. Without it there is no inventory.',
  }),
  'clients.targeting': Type.Union([Type.Literal('server'), Type.Literal('client')], {
    default: 'server',
    description: 'Who assigns computers to groups: the administrator (server), or group policy (client).',
  }),
  'approvals.secondPerson': Type.Boolean({
    default: false,
    description:
      'Whether an approval for installation on All Computers waits until somebody else confirms it. Rules and rings go ' +
      'on by themselves.',
  }),
  'clients.packageServerShare': Type.String({
    default: '',
    description:
      'UNC path from which clients repair MSI packages. Empty: \\\\<this host>\\UpdateServicesPackages, as WSUS says.',
  }),
  'cookies.lifetimeMinutes': Type.Integer({
    default: 60,
    minimum: 5,
    maximum: 1440,
    description: 'How long a client may go on without renewing its cookie. WSUS: 60.',
  }),
  'cookies.keyRotationDays': Type.Integer({
    default: 30,
    minimum: 1,
    maximum: 3650,
    description: 'Age at which a new key is made to seal cookies with. Older keys still open cookies.',
  }),
  'sync.pageUpdates': Type.Integer({
    default: 200,
    minimum: 1,
    maximum: 10_000,
    description: 'Updates in one SyncUpdates answer. The specification says 200.',
  }),
  'sync.pageBytes': Type.Integer({
    default: 10_485_760,
    minimum: 65_536,
    maximum: 268_435_456,
    description:
      'Bytes of metadata in one SyncUpdates answer; a single larger update goes alone. WSUS has 5,242,880, with which ' +
      'a new computer needs more calls.',
  }),
  'sync.maxExtendedUpdates': Type.Integer({
    default: 50,
    minimum: 1,
    maximum: 1000,
    description: 'Updates a client may ask details of in one call. WSUS: 50.',
  }),
  'sync.maxListedIds': Type.Integer({
    default: 50_000,
    minimum: 400,
    maximum: 1_000_000,
    description:
      'Entries in each list of updates a client sends. WSUS stops at 400 installed and 22,000 cached.',
  }),
  'soap.maxRequestBytes': Type.Integer({
    default: 8_388_608,
    minimum: 65_536,
    maximum: 268_435_456,
    description: 'Bytes of one request, compressed or not.',
  }),
  'soap.maxDepth': Type.Integer({
    default: 32,
    minimum: 8,
    maximum: 256,
    description: 'Nesting of XML elements in a request.',
  }),
  'soap.maxElements': Type.Integer({
    default: 250_000,
    minimum: 1000,
    maximum: 10_000_000,
    description: 'XML elements in a request.',
  }),
  'soap.maxCalls': Type.Integer({
    default: 10_000,
    minimum: 1,
    maximum: 1_000_000,
    description:
      'Calls of one service that may be under way at once, from their first byte to the last of the answer. ' +
      'One more is told ServerBusy and tries again later.',
  }),
  'soap.xpress': Type.Union([Type.Literal('spliced'), Type.Literal('whole'), Type.Literal('off')], {
    default: 'spliced',
    description:
      'How answers are compressed for clients that ask for xpress, as all Windows Update Agents do: put together ' +
      'from parts that are kept compressed (spliced), each answer as a whole, which saves bandwidth and costs ' +
      'processor time (whole), or not at all (off).',
  }),
  'http.requestTimeoutSeconds': Type.Integer({
    default: 60,
    minimum: 1,
    maximum: 3600,
    description: 'Time a client has to send a whole request.',
  }),
  'http.keepAliveSeconds': Type.Integer({
    default: 75,
    minimum: 65,
    maximum: 3600,
    description: 'How long an idle connection stays open. Downloads restart when it is below 31.',
  }),
  'memory.requestCacheBytes': Type.Integer({
    default: 33_554_432,
    minimum: 0,
    maximum: 17_179_869_184,
    description:
      'Memory for requests that come again, so that they need not be read again. A scan takes 30 to 60 KB for ' +
      'each set of installed updates in the fleet.',
  }),
  'memory.answerCacheBytes': Type.Integer({
    default: 33_554_432,
    minimum: 0,
    maximum: 17_179_869_184,
    description: 'Memory for parts of answers that were sent before, compressed.',
  }),
  'memory.fragmentCacheBytes': Type.Integer({
    default: 33_554_432,
    minimum: 1_048_576,
    maximum: 17_179_869_184,
    description: 'Memory for the update metadata that clients ask for most.',
  }),
  'housekeeping.enabled': Type.Boolean({
    default: true,
    description:
      'Whether the server keeps itself in order: declines, deletes and tidies up in the background, and lists all ' +
      'of it. Rules, rollouts and notifications run in any case.',
  }),
  'housekeeping.everyHours': Type.Integer({
    default: 12,
    minimum: 1,
    maximum: 720,
    description:
      'How often it does. WSUS purges events every 12 hours and leaves the rest to the administrator.',
  }),
  'housekeeping.expiredDays': Type.Integer({
    default: 30,
    minimum: 0,
    maximum: 36500,
    description:
      'Updates that expired are declined when nobody decided about them for so many days; 0 for never. WSUS: 30.',
  }),
  'housekeeping.supersededDays': Type.Integer({
    default: 30,
    minimum: 0,
    maximum: 36500,
    description:
      'Updates that an approved one supersedes are declined when no computer needs them and nobody decided about them for ' +
      'so many days; 0 for never. WSUS: 30.',
  }),
  'housekeeping.revisionDays': Type.Integer({
    default: 30,
    minimum: 0,
    maximum: 36500,
    description: 'Old revisions are deleted so many days after a newer one came; 0 for never. WSUS: 30.',
  }),
  'housekeeping.fileDays': Type.Integer({
    default: 30,
    minimum: 0,
    maximum: 36500,
    description:
      'Stored files that no approved or needed update has used for so many days are deleted; 0 for never.',
  }),
  'housekeeping.computerDays': Type.Integer({
    default: 90,
    minimum: 0,
    maximum: 36500,
    description:
      'Computers that were not in contact for so many days are deleted; 0 for never. They come back by themselves, but not ' +
      'into the groups they were assigned to, so this is longer than the 30 days of WSUS.',
  }),
  'housekeeping.eventDays': Type.Integer({
    default: 15,
    minimum: 0,
    maximum: 36500,
    description:
      'Events are deleted after so many days; 0 for never. What computers have installed is kept apart from them. WSUS: 15.',
  }),
  'housekeeping.findingDays': Type.Integer({
    default: 30,
    minimum: 0,
    maximum: 36500,
    description: 'Findings that did not occur again for so many days are forgotten; 0 for never.',
  }),
  'housekeeping.historyDays': Type.Integer({
    default: 365,
    minimum: 0,
    maximum: 36500,
    description: 'What housekeeping did is listed for so many days; 0 for ever.',
  }),
  'metrics.listen': Type.String({
    default: '',
    scope: 'process',
    description:
      'Address and port for monitoring, for example 127.0.0.1:8541: /metrics for Prometheus, /healthz and /readyz. ' +
      'Empty: none. Nobody has to sign in there.',
  }),
  'metrics.tls': Type.Boolean({
    default: false,
    scope: 'process',
    description: 'Whether metrics.listen speaks TLS.',
  }),
  'disk.minFreeBytes': Type.Integer({
    default: 268_435_456,
    minimum: 0,
    maximum: 1_099_511_627_776,
    description:
      'Free space below which /readyz says that the server is not ready, and "oakum doctor" that something is wrong; ' +
      'no file is taken over HTTP that would leave less.',
  }),
  'notifications.allowLoopback': Type.Boolean({
    default: false,
    scope: 'process',
    description:
      'Whether webhooks may go to this machine itself, where much listens that trusts whoever reaches it. ' +
      'Addresses of the own network are allowed in any case.',
  }),
  'notifications.failedComputers': Type.Integer({
    default: 10,
    minimum: 0,
    maximum: 1_000_000,
    description: 'Computers on which an update must have failed before subscriptions are told; 0 for never.',
  }),
  'notifications.diskFreePercent': Type.Integer({
    default: 10,
    minimum: 0,
    maximum: 99,
    description:
      'Free share of the disk with the data folder below which subscriptions are told; 0 for never.',
  }),
  'notifications.certificateDays': Type.Integer({
    default: 21,
    minimum: 0,
    maximum: 3650,
    description:
      'Days before the end of the certificate in tls.certificateFile when subscriptions are told; 0 for never.',
  }),
  'notifications.keepDays': Type.Integer({
    default: 30,
    minimum: 4,
    maximum: 36500,
    description:
      'Notifications, delivered or not, are listed for so many days; never more than 10,000 of them.',
  }),
  'smtp.host': Type.String({
    default: '',
    scope: 'process',
    pattern: '^[A-Za-z0-9._:-]*$',
    description: 'Mail server that notifications go through. Empty: no mail.',
  }),
  'smtp.port': Type.Integer({
    default: 587,
    minimum: 1,
    maximum: 65_535,
    scope: 'process',
    description: 'Its port: 587 with "starttls", 465 with "tls", 25 with "none".',
  }),
  'smtp.security': Type.Union([Type.Literal('starttls'), Type.Literal('tls'), Type.Literal('none')], {
    default: 'starttls',
    scope: 'process',
    description:
      'TLS after a greeting (starttls) or from the first byte (tls), without which nothing is sent; or none, which ' +
      'never sends a password.',
  }),
  'smtp.user': Type.String({
    default: '',
    scope: 'process',
    description: 'Name to sign in with at the mail server. Empty: without.',
  }),
  'smtp.passwordFile': Type.String({
    default: '',
    scope: 'process',
    description: 'File that holds the password of smtp.user, read for every mail.',
  }),
  'smtp.from': Type.String({
    default: '',
    scope: 'process',
    pattern: "^([A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+)?$",
    description: 'Address that mail comes from.',
  }),
  'oidc.issuer': Type.String({
    default: '',
    scope: 'process',
    pattern: '^(https?://[^\\s?#]+)?$',
    description:
      'Address of the OpenID Connect provider that people sign in with, for example https://login.example.com/realms/main. ' +
      'Empty: none.',
  }),
  'oidc.clientId': Type.String({
    default: '',
    scope: 'process',
    description: 'The name under which this server is registered at the provider.',
  }),
  'oidc.clientSecretFile': Type.String({
    default: '',
    scope: 'process',
    description: 'File with the secret of that registration. Empty: a public client, which PKCE protects.',
  }),
  'oidc.scopes': Type.String({
    default: 'profile',
    scope: 'process',
    description: 'What is asked of the provider beside "openid", with blanks or commas between.',
  }),
  'oidc.roleClaim': Type.String({
    default: 'roles',
    scope: 'process',
    description:
      'The claim with the roles: its name, or a path such as realm_access.roles. The role of an account follows it at ' +
      'each sign-in.',
  }),
  'oidc.nameClaim': Type.String({
    default: 'preferred_username',
    scope: 'process',
    description: 'The claim with the name of the account.',
  }),
  'oidc.readerValues': Type.String({
    default: 'oakum-reader',
    scope: 'process',
    description:
      'Values of the role claim, with commas between, that make a reader. Nobody without a value gets in.',
  }),
  'oidc.operatorValues': Type.String({
    default: 'oakum-operator',
    scope: 'process',
    description: 'Values of the role claim, with commas between, that make an operator.',
  }),
  'oidc.administratorValues': Type.String({
    default: 'oakum-administrator',
    scope: 'process',
    description: 'Values of the role claim, with commas between, that make an administrator.',
  }),
  'oidc.allowHttp': Type.Boolean({
    default: false,
    scope: 'process',
    description: 'Whether the provider may be asked without TLS. On this machine itself it may in any case.',
  }),
  'log.level': Type.Union(
    [Type.Literal('error'), Type.Literal('warn'), Type.Literal('info'), Type.Literal('debug')],
    { default: 'info', description: 'How much is logged to standard error.' },
  ),
} as const satisfies Record<string, TSchema>;

export type SettingKey = keyof typeof SETTINGS;
export type Settings = { readonly [K in SettingKey]: Static<(typeof SETTINGS)[K]> };

/** Whether a setting may be kept in the store, where administrators change it from afar. */
export function isStorable(key: SettingKey): boolean {
  return (SETTINGS[key] as { readonly scope?: string }).scope !== 'process';
}

/** What a setting is for, in one or two sentences. */
export function descriptionOf(key: SettingKey): string {
  return (SETTINGS[key] as { readonly description?: string }).description ?? '';
}

/** The value a setting has unless something else is given. */
export function defaultOf(key: SettingKey): unknown {
  return (SETTINGS[key] as { readonly default?: unknown }).default;
}

/** What a value of a setting looks like, for people. */
export function expectation(schema: TSchema): string {
  const { type, minimum, maximum, anyOf } = schema as {
    readonly type?: string;
    readonly minimum?: number;
    readonly maximum?: number;
    readonly anyOf?: readonly { readonly const: string }[];
  };
  if (anyOf !== undefined) return `one of ${anyOf.map((option) => option.const).join(', ')}`;
  if (type === 'integer') return `a whole number from ${minimum} to ${maximum}`;
  return type === 'boolean' ? 'true or false' : 'a text of the documented form';
}
