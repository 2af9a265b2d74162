import type { Attributes, DocumentMarkup } from './document-markup.ts';

const HANDLERS = 'http://schemas.microsoft.com/msus/2002/12/UpdateHandlers/';
const OS_INSTALLER = 'http://schemas.microsoft.com/msus/2016/01/UpdateHandlers/OSInstaller';

export interface ReturnCodeSpec {
  readonly code: number;
  readonly result: 'Succeeded' | 'Failed' | 'Cancelled';
  readonly reboot?: boolean;
}

/** How a client installs an update: the part of the document that belongs to one handler. */
export type HandlerSpec =
  | {
      readonly kind: 'CommandLineInstallation';
      /** A name inside the payload. */
      readonly program: string;
      readonly arguments: string;
      readonly returnCodes: readonly ReturnCodeSpec[];
    }
  | {
      readonly kind: 'WindowsInstaller';
      /** A GUID in braces. */
      readonly productCode: string;
      readonly version: string;
      readonly msiFile: string;
      readonly commandLine: string;
    }
  | {
      readonly kind: 'Cbs';
      /** The applicability metadata: a well-formed `assembly` element with its own default namespace. */
      readonly assembly: string;
    }
  | {
      readonly kind: 'OSInstaller';
      readonly productName: string;
      readonly releaseVersion: string;
    };

export function handlerUri(kind: HandlerSpec['kind'] | 'Category' | 'WindowsDriver'): string {
  return kind === 'OSInstaller' ? OS_INSTALLER : `${HANDLERS}${kind}`;
}

/** Attributes of Properties that only one handler has, before the others and behind them (as observed). */
export function handlerProperties(handler: HandlerSpec | undefined): {
  readonly first: Attributes;
  readonly last: Attributes;
} {
  if (handler?.kind === 'OSInstaller') {
    const { productName, releaseVersion } = handler;
    const first = { ProductName: productName, ReleaseVersion: releaseVersion, ReleaseRevision: 0 };
    return { first, last: {} };
  }
  return { first: {}, last: handler?.kind === 'Cbs' ? { CompatibleProtocolVersion: '1.4' } : {} };
}

/** What the handler's rules need inside ApplicabilityRules: the MSI product, the CBS package. */
export function writeHandlerMetadata(markup: DocumentMarkup, handler: HandlerSpec): void {
  if (handler.kind === 'WindowsInstaller') {
    markup.open('upd:Metadata');
    markup.open('mar:MsiApplicationMetadata');
    const attributes = { Version: handler.version, UseRecacheReinstall: 'LowerVersion' };
    markup.leaf('mar:ProductCode', handler.productCode, attributes);
    markup.close('mar:MsiApplicationMetadata');
    markup.close('upd:Metadata');
  } else if (handler.kind === 'Cbs') {
    markup.open('upd:Metadata');
    markup.open('cbsar:CbsPackageApplicabilityMetadata');
    markup.raw(handler.assembly);
    markup.close('cbsar:CbsPackageApplicabilityMetadata');
    markup.close('upd:Metadata');
  }
}

export function writeHandlerData(markup: DocumentMarkup, handler: HandlerSpec): void {
  switch (handler.kind) {
    case 'CommandLineInstallation':
      markup.openHandlerData('cmd:CommandLineInstallation');
      markup.open('cmd:InstallCommand', {
        Program: handler.program,
        Arguments: handler.arguments,
        RebootByDefault: false,
        DefaultResult: 'Failed',
      });
      for (const { code, result, reboot = false } of handler.returnCodes)
        markup.empty('cmd:ReturnCode', { Code: code, Result: result, Reboot: reboot });
      markup.close('cmd:InstallCommand');
      break;
    case 'WindowsInstaller':
      markup.openHandlerData('msp:WindowsInstallerApp');
      markup.empty('msp:MsiData', {
        ProductCode: handler.productCode,
        MsiFile: handler.msiFile,
        CommandLine: handler.commandLine,
      });
      break;
    case 'Cbs':
      markup.openHandlerData('cbs:Cbs');
      // Empty in every real document: the identity stands in the applicability metadata.
      markup.empty('cbs:CbsData', { PackageIdentity: '' });
      break;
    case 'OSInstaller':
      markup.openHandlerData('OSInstallerMetadata');
      markup.raw(`<OSInstallData InitialModule="UpdateAgent.dll" xmlns="${OS_INSTALLER}" />`);
      break;
  }
  markup.close('upd:HandlerSpecificData');
}
