import { Buffer } from 'node:buffer';
import type { FileSpec } from '../metadata/authoring/file-spec.ts';
import type { HandlerSpec } from '../metadata/authoring/handler-spec.ts';
import { Random } from './random.ts';

/** Real OSInstaller updates have about 13 files: cabinets, images, differential and stand-alone packages. */
const OS_FILES = ['cab', 'cab', 'cab', 'cab', 'cab', 'wim', 'wim', 'psf', 'psf', 'msu'] as const;
const OS_FILE_COUNT = 13;
/** Most of an operating system's files are those of the release before. */
const OS_NEW_FILES = 4;

/** Median and most bytes of one file. */
const SIZES: Readonly<Record<string, readonly [median: number, sigma: number, most: number]>> = {
  cab: [167e6, 1.2, 2e9],
  wim: [1.8e9, 0.5, 4e9],
  psf: [900e6, 0.8, 3e9],
  msu: [60e6, 0.8, 1e9],
  exe: [11e6, 1, 400e6],
  msi: [90e6, 1, 703e6],
};

/**
 * Makes the files of a product's updates: what metadata says of them, not their content. Size and digests
 * follow from the file's number, so that several updates can name the same file.
 */
export class PayloadFiles {
  readonly #seed: number;
  readonly #product: number;
  /** Files of the operating system so far. */
  #osFiles = 0;
  #otherFiles = 0;

  /** @param product number of the product, which sets its files apart from those of others */
  constructor(seed: number, product: number) {
    this.#seed = seed;
    this.#product = product;
  }

  next(kind: HandlerSpec['kind'], name: string, modified: string): readonly FileSpec[] {
    switch (kind) {
      case 'OSInstaller':
        return this.#operatingSystem(modified);
      case 'Cbs':
        return [{ ...this.#file(this.#otherFiles++, name, 'cab', modified), patchingType: 'SelfContained' }];
      case 'WindowsInstaller':
        return [{ ...this.#file(this.#otherFiles++, name, 'msi', modified), patchingType: 'SelfContained' }];
      case 'CommandLineInstallation':
        return [this.#file(this.#otherFiles++, name, 'exe', modified)];
    }
  }

  #operatingSystem(modified: string): FileSpec[] {
    this.#osFiles = Math.max(OS_FILE_COUNT, this.#osFiles + OS_NEW_FILES);
    return Array.from({ length: OS_FILE_COUNT }, (_, index) => {
      const number = this.#osFiles - OS_FILE_COUNT + index;
      const file = this.#file(-1 - number, `os-${number}`, OS_FILES[number % OS_FILES.length], modified);
      return { ...file, patchingTypePreferred: file.name.endsWith('.msu') ? 'ServicingStack' : 'Metadata' };
    });
  }

  #file(number: number, name: string, extension: string, modified: string): FileSpec {
    const random = new Random(this.#seed, 3, this.#product, number);
    const [median, sigma, most] = SIZES[extension];
    return {
      name: `${name}.${extension}`,
      size: Math.round(Math.min(most, random.lognormal(median, sigma))),
      sha1: noise(random, 20),
      sha256: noise(random, 32),
      modified,
    };
  }
}

/** Bytes that stand for a digest of a file that nobody has. */
export function noise(random: Random, bytes: number): Buffer {
  const buffer = Buffer.allocUnsafe(bytes);
  for (let at = 0; at < bytes; at += 4) buffer.writeUInt32LE(random.next(), at);
  return buffer;
}
