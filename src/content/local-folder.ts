import { statfs } from 'node:fs/promises';

/**
 * File systems of Linux that keep their files on a medium of this machine (statfs(2), f_type). On those of networks
 * even a file that is in memory may have to be asked for at a server, which may not answer.
 */
const LOCAL = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0x2fc12fc1, // ZFS
  0xf2f52010, // F2FS
  0xca451a4e, // bcachefs
  0x794c7630, // overlayfs
  0x01021994, // tmpfs
]);

/** Whether a folder is known to lie on this machine; false in doubt, as on systems that name no type. */
export async function isLocalFolder(path: string): Promise<boolean> {
  try {
    const { type } = await statfs(path);
    return LOCAL.has(type);
  } catch {
    return false;
  }
}
