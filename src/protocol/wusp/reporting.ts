import { arrayOf, complexType, observed, optional, required } from '../../soap/message-type.ts';
import { FRAMING, operation, type ServiceDeclaration } from '../../soap/service.ts';
import {
  base64Binary,
  boolean,
  dateTime,
  enumeration,
  guid,
  int,
  short,
  string,
} from '../../soap/simple-type.ts';
import { ArrayOfString, COMMON_NAMESPACE, Cookie } from './common.ts';
import {
  GetOutOfSyncComputers,
  GetRollupConfiguration,
  RollupComputers,
  RollupComputerStatus,
  RollupDownstreamServers,
} from './rollup.ts';

// --- ReportEventBatch, 2.2.2.3.1 -------------------------------------------------------------------

const ComputerTargetIdentifier = complexType('ComputerTargetIdentifier', '2.2.2.3.1', {
  /** The clientId of GetAuthorizationCookie. */
  Sid: optional(string),
});

const UpdateRevisionIdentifier = complexType('UpdateRevisionIdentifier', '2.2.2.3.1', {
  /** The zero GUID for an event that concerns no update. */
  UpdateID: required(guid),
  RevisionNumber: required(int),
});

export const BasicData = complexType('BasicData', '2.2.2.3.1', {
  TargetID: optional(ComputerTargetIdentifier),
  /** Ignored, as specified. */
  SequenceNumber: required(int),
  TimeAtTarget: required(dateTime),
  /** The same in every delivery of one event. */
  EventInstanceID: required(guid),
  NamespaceID: required(int),
  EventID: required(short),
  SourceID: required(short),
  UpdateID: optional(UpdateRevisionIdentifier),
  Win32HResult: required(int),
  /** The spelling of the prose. */
  Win32Hresult: observed(int),
  AppName: optional(string),
});

/**
 * Older than ARM64, and the specification demands one of its words. A batch holds the events of many scans
 * and an agent keeps repeating one that is refused, so any other word is read as the member for that case.
 */
export const ProcessorArchitecture = enumeration(
  'ProcessorArchitecture',
  ['Unknown', 'X86Compatible', 'IA64Compatible', 'Amd64Compatible'],
  { otherwise: 'Unknown' },
);

const DetailedVersion = complexType('DetailedVersion', '2.2.2.3.1', {
  Major: required(int),
  Minor: required(int),
  Build: required(int),
  Revision: required(int),
  ServicePackMajor: required(int),
  ServicePackMinor: required(int),
});

export const ExtendedData = complexType('ExtendedData', '2.2.2.3.1', {
  /** What the placeholders of the event's message stand for, %1 first. */
  ReplacementStrings: optional(ArrayOfString),
  /** `tag=value`. The letter case of tags counts. */
  MiscData: optional(ArrayOfString),
  ComputerBrand: optional(string),
  ComputerModel: optional(string),
  BiosRevision: optional(string),
  ProcessorArchitecture: required(ProcessorArchitecture),
  OSVersion: required(DetailedVersion),
  OSLocaleID: required(int),
  DeviceID: optional(string),
});

/** Present, empty and ignored, as specified. */
const PrivateData = complexType('PrivateData', '2.2.2.3.1', {
  ComputerDnsName: optional(string),
  UserAccountName: optional(string),
});

export const ReportingEvent = complexType('ReportingEvent', '2.2.2.3.1', {
  BasicData: optional(BasicData),
  ExtendedData: optional(ExtendedData),
  PrivateData: optional(PrivateData),
});

const ArrayOfReportingEvent = arrayOf('ArrayOfReportingEvent', 'ReportingEvent', ReportingEvent);

export const ReportEventBatch = operation(
  complexType('ReportEventBatch', '2.2.2.3.1', {
    cookie: optional(Cookie),
    clientTime: required(dateTime),
    eventBatch: optional(ArrayOfReportingEvent),
  }),
  complexType('ReportEventBatchResponse', '2.2.2.3.1', { ReportEventBatchResult: required(boolean) }),
);

// --- In the WSDL without a specification, 6.3 ------------------------------------------------------

export const ReportEventBatch2 = operation(
  complexType('ReportEventBatch2', '6.3', {
    computerId: optional(string),
    clientTime: required(dateTime),
    eventBatch: optional(ArrayOfReportingEvent),
  }),
  complexType('ReportEventBatch2Response', '6.3', { ReportEventBatch2Result: required(boolean) }),
);

export const GetRequiredInventoryType = operation(
  complexType('GetRequiredInventoryType', '6.3', {
    cookie: optional(Cookie),
    rulesId: required(guid),
    rulesVersion: optional(string),
  }),
  complexType('GetRequiredInventoryTypeResponse', '6.3', { GetRequiredInventoryTypeResult: required(int) }),
);

const ReportingInventory = complexType('ReportingInventory', '6.3', {
  IsCompressed: required(boolean),
  RawXml: optional(string),
  CompressedXml: optional(base64Binary),
});

export const ReportInventory = operation(
  complexType('ReportInventory', '6.3', {
    cookie: optional(Cookie),
    clientTime: required(dateTime),
    inventory: optional(ReportingInventory),
  }),
  complexType('ReportInventoryResponse', '6.3', { ReportInventoryResult: required(boolean) }),
);

/** The Reporting web service ([MS-WUSP] 2.2.2.3 and 6.3). */
export const reportingService = {
  name: 'WebService',
  portName: 'WebServiceSoap',
  section: '2.2.2.3',
  namespace: COMMON_NAMESPACE,
  path: '/ReportingWebService/ReportingWebService.asmx',
  wsdlPath: '/ReportingWebService/WebService.asmx',
  framing: FRAMING.classicService,
  cacheControl: 'private, max-age=0',
  faultActor: true,
  operations: {
    ReportEventBatch,
    ReportEventBatch2,
    GetRequiredInventoryType,
    ReportInventory,
    GetRollupConfiguration,
    RollupDownstreamServers,
    RollupComputers,
    GetOutOfSyncComputers,
    RollupComputerStatus,
  },
} as const satisfies ServiceDeclaration;
