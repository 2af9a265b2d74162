import { softwareParameters, driverParameters, type IdLists } from '../../src/agent/sync-parameters.ts';
import type { Persona } from '../../src/agent/persona.ts';
import { clientService, SyncUpdates } from '../../src/protocol/wusp/client.ts';
import type { FleetImage } from './fleet-image.ts';
import { fleetPersona } from './fleet-persona.ts';
import { requestBody, RequestTemplate } from './request-body.ts';

/** What the computers of an image have in common on the wire. */
export class ImageRequests {
  readonly image: FleetImage;
  readonly persona: Persona;
  readonly installed: ReadonlySet<number>;
  /** The software and the driver call of a computer that holds what the image holds. */
  readonly software: RequestTemplate;
  readonly driver: RequestTemplate;

  constructor(image: FleetImage, place: number) {
    const persona = fleetPersona(place);
    const lists: IdLists = { installed: image.installed, other: image.other, drivers: [] };
    this.image = image;
    this.persona = persona;
    this.installed = new Set(image.installed);
    this.software = new RequestTemplate((cookie) =>
      requestBody(clientService, SyncUpdates, { cookie, parameters: softwareParameters(persona, lists, []) }),
    );
    this.driver = new RequestTemplate((cookie) =>
      requestBody(clientService, SyncUpdates, { cookie, parameters: driverParameters(persona, lists, []) }),
    );
  }
}
