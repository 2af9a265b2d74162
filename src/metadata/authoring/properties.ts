import type { Attributes, DocumentMarkup } from './document-markup.ts';
import type { FileSpec } from './file-spec.ts';
import { handlerProperties, handlerUri } from './handler-spec.ts';
import type { DriverSpec, RebootSpec, SoftwareSpec, UpdateSpec } from './update-spec.ts';

/** Writes the Properties element: attributes and children in the order seen in real documents. */
export function writeProperties(markup: DocumentMarkup, spec: UpdateSpec): void {
  const { first, last } = handlerProperties(spec.type === 'Software' ? spec.handler : undefined);
  const attributes: Attributes = {
    UpdateType: spec.type,
    ...first,
    DefaultPropertiesLanguage: spec.texts[0].language,
    ...typeProperties(spec),
    ...last,
    PublicationState: 'expired' in spec && spec.expired === true ? 'Expired' : 'Published',
    CreationDate: spec.created,
    PublisherID: spec.publisherId,
  };
  markup.container('upd:Properties', attributes, () => {
    if (spec.type === 'Software') writeSoftwareProperties(markup, spec);
    if (spec.type === 'Software' || spec.type === 'Driver')
      for (const language of spec.languages ?? []) markup.leaf('upd:Language', language);
  });
}

function typeProperties(spec: UpdateSpec): Attributes {
  switch (spec.type) {
    case 'Category':
      return { ExplicitlyDeployable: false, Handler: handlerUri('Category') };
    case 'Detectoid':
      return { DetectoidType: spec.detectoidType };
    case 'Software':
      return {
        Handler: spec.handler === undefined ? undefined : handlerUri(spec.handler.kind),
        ...deployability(spec),
        OSUpgrade: spec.osUpgrade,
        MsrcSeverity: spec.msrcSeverity,
        EulaID: spec.eula?.eulaId,
        RequiresLicenseAgreementAcceptance: spec.eula === undefined ? undefined : true,
        ...downloadSizes(spec.files ?? []),
      };
    case 'Driver':
      return {
        Handler: handlerUri('WindowsDriver'),
        ...deployability(spec),
        ...downloadSizes(spec.files ?? []),
      };
  }
}

// Members of bundles say nothing about deployability, rather than false.
function deployability(spec: SoftwareSpec | DriverSpec): Attributes {
  return spec.deployable === true ? { AutoSelectOnWebSites: true, ExplicitlyDeployable: true } : {};
}

function downloadSizes(files: readonly FileSpec[]): Attributes {
  const total = files.reduce((sum, file) => sum + file.size, 0);
  return { MaxDownloadSize: total, MinDownloadSize: 0 };
}

function writeSoftwareProperties(markup: DocumentMarkup, spec: SoftwareSpec): void {
  if (spec.installation !== undefined) markup.empty('upd:InstallationBehavior', behavior(spec.installation));
  if (spec.uninstallation !== undefined)
    markup.empty('upd:UninstallationBehavior', behavior(spec.uninstallation));
  if (spec.supportUrl !== undefined) markup.leaf('upd:SupportUrl', spec.supportUrl);
  for (const id of spec.securityBulletinIds ?? []) markup.leaf('upd:SecurityBulletinID', id);
  for (const id of spec.cveIds ?? []) markup.leaf('upd:CveID', id);
  for (const id of spec.kbArticleIds ?? []) markup.leaf('upd:KBArticleID', id);
}

function behavior({ rebootBehavior, impact }: RebootSpec): Attributes {
  return { RebootBehavior: rebootBehavior, Impact: impact };
}
