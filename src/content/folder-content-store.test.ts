import { contentStoreConformance } from './content-store.conformance.ts';
import { openFolderContentStore } from './folder-content-store.ts';

contentStoreConformance('folder', openFolderContentStore);
