import { createHash } from 'node:crypto';
import { personaOf } from '../../src/agent/persona-of-profile.ts';
import type { Persona } from '../../src/agent/persona.ts';
import { profile, profileNames, type Profile } from '../../src/agent/machine/profiles/profile.ts';

/** Devices a computer tells of in its driver call; 70 to 75 were seen. */
const DEVICES = 72;

/** The profiles in turn. */
export function fleetProfile(place: number): Profile {
  return profile(profileNames[place % profileNames.length]);
}

/** How the computers of an image present themselves: with as many devices as real ones have. */
export function fleetPersona(image: number): Persona {
  const modern = profileNames.map((name) => profile(name)).filter((one) => one.isModern);
  const chosen = modern[image % modern.length];
  const persona = personaOf(chosen, chosen.machine, 'image');
  const { devices } = persona;
  return { ...persona, devices: Array.from({ length: DEVICES }, (_, at) => devices[at % devices.length]) };
}

/** The SusClientId of a computer: the same in every run with the same seed. */
export function clientIdOf(role: string, seed: number, computer: number): string {
  const hex = createHash('sha1').update(`${role} ${seed} ${computer}`).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

/** A name that no network has. */
export function dnsNameOf(role: string, computer: number): string {
  return `${role}-${String(computer).padStart(6, '0')}.fleet.test`;
}
