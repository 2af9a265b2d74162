import type { Buffer } from 'node:buffer';
import { DocumentMarkup } from './document-markup.ts';
import { writeEulaFile, writeFiles } from './file-spec.ts';
import { writeHandlerData, writeHandlerMetadata } from './handler-spec.ts';
import { DRIVER_INSTALLABLE, DRIVER_INSTALLED, DRIVER_SUPERSEDED } from './package-rules.ts';
import { writeProperties } from './properties.ts';
import { writeRelations } from './relations-spec.ts';
import { writeRule, type Rule } from './rule.ts';
import type { CategorySpec, DriverMetadataSpec, RulesSpec, TextSpec, UpdateSpec } from './update-spec.ts';

/**
 * Writes an update document as Microsoft's are: one line without white space between elements, ` />` at
 * empty ones, the namespaces that are used declared on the root ([MS-WUSP] 3.1.1.1 says what is in it).
 * Pure: the same specification gives the same bytes.
 *
 * @returns UTF-8
 */
export function updateDocument(spec: UpdateSpec): Buffer {
  const markup = new DocumentMarkup();
  const { updateId, revisionNumber } = spec;
  markup.empty('upd:UpdateIdentity', { UpdateID: updateId, RevisionNumber: revisionNumber });
  writeProperties(markup, spec);
  writeTexts(markup, spec);
  writeRelations(markup, spec.relations ?? {});
  writeRules(markup, spec);
  if (spec.type === 'Software' || spec.type === 'Driver') writeFiles(markup, spec.files ?? []);
  writeData(markup, spec);
  return markup.toDocument();
}

function writeTexts(markup: DocumentMarkup, spec: UpdateSpec): void {
  markup.open('upd:LocalizedPropertiesCollection');
  for (const text of spec.texts) writeText(markup, text);
  if (spec.type === 'Software') for (const file of spec.eula?.files ?? []) writeEulaFile(markup, file);
  markup.close('upd:LocalizedPropertiesCollection');
}

function writeText(markup: DocumentMarkup, text: TextSpec): void {
  markup.open('upd:LocalizedProperties');
  markup.leaf('upd:Language', text.language);
  markup.leaf('upd:Title', text.title);
  if (text.description !== undefined) markup.leaf('upd:Description', text.description);
  if (text.moreInfoUrl !== undefined) markup.leaf('upd:MoreInfoUrl', text.moreInfoUrl);
  markup.close('upd:LocalizedProperties');
}

const DRIVER_RULES: RulesSpec = {
  isInstalled: DRIVER_INSTALLED,
  isSuperseded: DRIVER_SUPERSEDED,
  isInstallable: DRIVER_INSTALLABLE,
};

function writeRules(markup: DocumentMarkup, spec: UpdateSpec): void {
  const rules = rulesOf(spec);
  if (rules === undefined) return;
  markup.open('upd:ApplicabilityRules');
  writeSection(markup, 'upd:IsInstalled', rules.isInstalled);
  writeSection(markup, 'upd:IsSuperseded', rules.isSuperseded);
  writeSection(markup, 'upd:IsInstallable', rules.isInstallable);
  if (spec.type === 'Software' && spec.handler !== undefined) writeHandlerMetadata(markup, spec.handler);
  if (spec.type === 'Driver') writeDrivers(markup, spec.drivers);
  markup.close('upd:ApplicabilityRules');
}

function rulesOf(spec: UpdateSpec): RulesSpec | undefined {
  if (spec.type === 'Driver') return DRIVER_RULES;
  return spec.type === 'Software' ? spec.rules : spec;
}

type Section = 'upd:IsInstalled' | 'upd:IsSuperseded' | 'upd:IsInstallable';

function writeSection(markup: DocumentMarkup, section: Section, rule: Rule | undefined): void {
  if (rule === undefined) return;
  markup.open(section);
  writeRule(markup, rule);
  markup.close(section);
}

function writeDrivers(markup: DocumentMarkup, drivers: readonly DriverMetadataSpec[]): void {
  markup.open('upd:Metadata');
  for (const driver of drivers) {
    markup.open('drv:WindowsDriverMetaData', {
      HardwareID: driver.hardwareId,
      DriverVerDate: driver.verDate,
      DriverVerVersion: driver.verVersion,
      WhqlDriverID: driver.whqlDriverId,
      Class: driver.driverClass,
      Company: driver.company,
      Provider: driver.provider,
      Manufacturer: driver.manufacturer,
      Model: driver.model,
    });
    for (const [system, score] of Object.entries(driver.featureScores ?? {}))
      markup.empty('drv:FeatureScore', { OperatingSystem: system, FeatureScore: score });
    markup.close('drv:WindowsDriverMetaData');
  }
  markup.close('upd:Metadata');
}

function writeData(markup: DocumentMarkup, spec: UpdateSpec): void {
  if (spec.type === 'Category') writeCategory(markup, spec);
  else if (spec.type === 'Software' && spec.handler !== undefined) writeHandlerData(markup, spec.handler);
}

function writeCategory(markup: DocumentMarkup, { categoryType }: CategorySpec): void {
  markup.openHandlerData('cat:Category');
  markup.empty('cat:CategoryInformation', {
    CategoryType: categoryType,
    ProhibitsSubcategories: categoryType === 'Product' || categoryType === 'UpdateClassification',
    ProhibitsUpdates: categoryType === 'Company' || categoryType === 'ProductFamily',
    ExcludedByDefault: false,
  });
  markup.close('upd:HandlerSpecificData');
}
