import { Type } from 'typebox';

/** Goes up when a form changes so that older programs must not read it. */
export const SAVED_VERSION = 1;

/** An event that waits to be reported. */
export const SAVED_EVENT = Type.Object({
  eventId: Type.Integer(),
  timeMs: Type.Integer(),
  update: Type.Optional(Type.Object({ updateId: Type.String(), revisionNumber: Type.Integer() })),
  hresult: Type.Optional(Type.Integer()),
  replacementStrings: Type.Optional(Type.Array(Type.String())),
  misc: Type.Optional(Type.Record(Type.String(), Type.String())),
});

/** `agent.json`. Whatever else stands in it is left alone. */
export const SAVED_AGENT = Type.Object({
  version: Type.Literal(SAVED_VERSION),
  server: Type.String(),
  profile: Type.String(),
  clientId: Type.String(),
  config: Type.Optional(
    Type.Object({
      lastChange: Type.String(),
      registrationRequired: Type.Boolean(),
      authorizationPath: Type.String(),
      maxExtendedUpdates: Type.Integer({ minimum: 1 }),
      serverProtocolVersion: Type.String(),
    }),
  ),
  cookie: Type.Optional(Type.Object({ expiration: Type.String(), data: Type.String() })),
  registeredAs: Type.String(),
  fileLocations: Type.Array(Type.Tuple([Type.String(), Type.String()])),
  machine: Type.Unknown(),
  queuedEvents: Type.Array(SAVED_EVENT),
});

/** A line of `updates.jsonl`. */
export const HELD_UPDATE = Type.Object({
  id: Type.Integer(),
  updateId: Type.String(),
  revisionNumber: Type.Integer(),
  isLeaf: Type.Boolean(),
  isDriver: Type.Boolean(),
  deployment: Type.Object({
    id: Type.Integer(),
    action: Type.String(),
    isAssigned: Type.Boolean(),
    deadline: Type.Optional(Type.String()),
  }),
  core: Type.String(),
  extended: Type.Optional(Type.String()),
  localized: Type.Optional(Type.String()),
});
