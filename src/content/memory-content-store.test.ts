import { contentStoreConformance } from './content-store.conformance.ts';
import { MemoryContentStore } from './memory-content-store.ts';

contentStoreConformance('memory', () => new MemoryContentStore());
