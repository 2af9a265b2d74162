import { contentStoreConformance } from '../../src/content/content-store.conformance.ts';
import { MemoryContentStore } from './memory-content-store.ts';

contentStoreConformance('memory', () => new MemoryContentStore());
