import {
  arrayOf,
  complexType,
  kept,
  observed,
  optional,
  required,
  requiredAttribute,
} from '../../soap/message-type.ts';
import { FRAMING, operation, type ServiceDeclaration } from '../../soap/service.ts';
import {
  base64Binary,
  boolean,
  dateTime,
  enumeration,
  guid,
  int,
  long,
  short,
  string,
  unsignedByte,
  unsignedInt,
} from '../../soap/simple-type.ts';
import {
  ArrayOfBase64Binary,
  ArrayOfGuid,
  ArrayOfInt,
  ArrayOfString,
  AuthorizationCookie,
  COMMON_NAMESPACE,
  Cookie,
  UpdateIdentity,
} from './common.ts';

// --- GetConfig, 2.2.2.2.1 --------------------------------------------------------------------------

const AuthPlugInInfo = complexType('AuthPlugInInfo', '2.2.2.2.1', {
  PlugInID: optional(string),
  ServiceUrl: optional(string),
  Parameter: optional(string),
});

const ConfigurationProperty = complexType('ConfigurationProperty', '2.2.2.2.1', {
  Name: optional(string),
  Value: optional(string),
});

const Config = complexType('Config', '2.2.2.2.1', {
  LastChange: required(dateTime),
  IsRegistrationRequired: required(boolean),
  AuthInfo: optional(arrayOf('ArrayOfAuthPlugInInfo', 'AuthPlugInInfo', AuthPlugInInfo)),
  AllowedEventIds: optional(ArrayOfInt),
  Properties: optional(
    arrayOf('ArrayOfConfigurationProperty', 'ConfigurationProperty', ConfigurationProperty),
  ),
});

export const GetConfig = operation(
  complexType('GetConfig', '2.2.2.2.1', { protocolVersion: optional(string) }),
  complexType('GetConfigResponse', '2.2.2.2.1', { GetConfigResult: optional(Config) }),
);

// --- GetCookie, 2.2.2.2.2 --------------------------------------------------------------------------

export const GetCookie = operation(
  complexType('GetCookie', '2.2.2.2.2', {
    authCookies: optional(arrayOf('ArrayOfAuthorizationCookie', 'AuthorizationCookie', AuthorizationCookie)),
    oldCookie: optional(Cookie),
    lastChange: required(dateTime),
    currentTime: required(dateTime),
    protocolVersion: optional(string),
  }),
  complexType('GetCookieResponse', '2.2.2.2.2', { GetCookieResult: optional(Cookie) }),
);

// --- RegisterComputer, 2.2.2.2.3 -------------------------------------------------------------------

export const ComputerInfo = complexType('ComputerInfo', '2.2.2.2.3', {
  DnsName: optional(string),
  OSMajorVersion: required(int),
  OSMinorVersion: required(int),
  OSBuildNumber: required(int),
  OSServicePackMajorNumber: required(short),
  OSServicePackMinorNumber: required(short),
  OSLocale: optional(string),
  ComputerManufacturer: optional(string),
  ComputerModel: optional(string),
  BiosVersion: optional(string),
  BiosName: optional(string),
  BiosReleaseDate: required(dateTime),
  ProcessorArchitecture: optional(string),
  SuiteMask: required(short),
  OldProductType: required(unsignedByte),
  NewProductType: required(int),
  SystemMetrics: required(int),
  ClientVersionMajorNumber: required(short),
  ClientVersionMinorNumber: required(short),
  ClientVersionBuildNumber: required(short),
  ClientVersionQfeNumber: required(short),
  OSDescription: optional(string),
  OEM: optional(string),
  DeviceType: optional(string),
  FirmwareVersion: optional(string),
  MobileOperator: optional(string),
});

export const RegisterComputer = operation(
  complexType('RegisterComputer', '2.2.2.2.3', {
    cookie: optional(Cookie),
    computerInfo: optional(ComputerInfo),
  }),
  complexType('RegisterComputerResponse', '2.2.2.2.3', {}),
);

// --- StartCategoryScan, 2.2.2.2.8 ------------------------------------------------------------------

const CategoryRelationship = complexType('CategoryRelationship', '2.2.2.2.8', {
  IndexOfAndGroup: required(int),
  CategoryId: required(guid),
});

export const StartCategoryScan = operation(
  complexType('StartCategoryScan', '2.2.2.2.8', {
    requestedCategories: optional(
      arrayOf('ArrayOfCategoryRelationship', 'CategoryRelationship', CategoryRelationship),
    ),
  }),
  complexType('StartCategoryScanResponse', '2.2.2.2.8', {
    preferredCategoryIds: optional(ArrayOfGuid),
    requestedCategoryIdsInError: optional(ArrayOfGuid),
  }),
);

// --- SyncUpdates, 2.2.2.2.4 ------------------------------------------------------------------------

const InstalledDriver = complexType('InstalledDriver', '2.2.2.2.4', {
  MatchingID: optional(string),
  DriverVerDate: required(dateTime),
  /** Four 16-bit parts packed into 64 bits. */
  DriverVerVersion: required(long),
  Class: optional(string),
  Manufacturer: optional(string),
  Provider: optional(string),
  Model: optional(string),
  MatchingComputerHWID: optional(guid, { nillable: true }),
  DriverRank: required(int),
  SkipProviderFiltering: observed(boolean),
  IsGeneric: observed(boolean),
});

const extensionDriver = complexType('extensionDriver', '2.2.2.2.4', {
  ExtensionId: required(string),
  DriverVerDate: required(dateTime),
  DriverVerVersion: required(long),
  Class: required(string),
  DriverRank: required(int),
  MatchingComputerHWID: optional(guid, { nillable: true }),
});

export const Device = complexType('Device', '2.2.2.2.4', {
  HardwareIDs: optional(ArrayOfString),
  CompatibleIDs: optional(ArrayOfString),
  installedDriver: optional(InstalledDriver),
  extensionDriver: optional(
    arrayOf('ArrayOfExtensionDriver', 'extensionDriver', extensionDriver, { min: 1 }),
  ),
  /** What agents send where the WSDL has `extensionDriver`. */
  extensionDrivers: observed(arrayOf('ArrayOfExtensionDriver', 'ExtensionDriver', extensionDriver)),
  DriverRecoveryIDs: optional(arrayOf('ArrayOfDriverRecoveryID', 'DriverRecoveryID', string)),
  /** Bit 0: not enumerated by plug and play, a printer for example. */
  DeviceFlags: optional(unsignedByte),
});

const CategoryIdentifier = complexType('CategoryIdentifier', '2.2.2.2.4', { Id: required(guid) });

const ComputerHardwareSpecification = complexType('ComputerHardwareSpecification', '2.2.2.2.4', {
  HardwareIDs: optional(ArrayOfGuid),
});

const ProductsParameters = complexType('ProductsParameters', '2.2.2.2.4', {
  SyncCurrentVersionOnly: observed(boolean),
  DeviceAttributes: observed(string),
  CallerAttributes: observed(string),
  Products: observed(string),
});

export const SyncUpdateParameters = complexType('SyncUpdateParameters', '2.2.2.2.4', {
  /** Ignored, as specified. */
  ExpressQuery: required(boolean),
  InstalledNonLeafUpdateIDs: optional(ArrayOfInt),
  OtherCachedUpdateIDs: optional(ArrayOfInt),
  SystemSpec: optional(arrayOf('ArrayOfDevice', 'Device', Device)),
  CachedDriverIDs: optional(ArrayOfInt),
  SkipSoftwareSync: required(boolean),
  FilterCategoryIds: optional(arrayOf('ArrayOfCategoryIdentifier', 'CategoryIdentifier', CategoryIdentifier)),
  NeedTwoGroupOutOfScopeUpdates: optional(boolean),
  AlsoPerformRegularSync: observed(boolean),
  ComputerSpec: optional(ComputerHardwareSpecification),
  /** Architecture.major.minor, for example AMD64.10.0. */
  FeatureScoreMatchingKey: optional(string),
  ProductsParameters: observed(ProductsParameters),
});

export const DeploymentAction = enumeration('DeploymentAction', [
  'OptionalInstall',
  'Install',
  'Uninstall',
  'PreDeploymentCheck',
  'Block',
  'Evaluate',
  'Bundle',
]);

const MetadataType = enumeration('MetadataType', ['Audience', 'Update', 'Admin']);

const Verification = complexType(
  'Verification',
  '2.2.2.2.4',
  {},
  {
    Timestamp: requiredAttribute(dateTime),
    LeafCertificateId: requiredAttribute(unsignedInt),
    Signature: requiredAttribute(base64Binary),
    Algorithm: requiredAttribute(string),
  },
);

const ClientMetadata = complexType('ClientMetadata', '2.2.2.2.4', {
  MetadataType: required(MetadataType),
  Metadata: required(string),
  Verification: optional(Verification),
});

export const Deployment = complexType('Deployment', '2.2.2.2.4', {
  ID: required(int),
  Action: required(DeploymentAction),
  Deadline: optional(string),
  IsAssigned: required(boolean),
  /** An xs:date. */
  LastChangeTime: required(string),
  DownloadPriority: optional(string),
  /** Drivers only, from client protocol 1.6. */
  HardwareIds: optional(ArrayOfString),
  // These four only from client protocol 1.8, and then "0".
  AutoSelect: optional(string),
  AutoDownload: optional(string),
  SupersedenceBehavior: optional(string),
  FlagBitmask: optional(string),
  ClientBehaviors: optional(arrayOf('ArrayOfClientBehavior', 'ClientMetadata', ClientMetadata)),
});

export const UpdateInfo = complexType('UpdateInfo', '2.2.2.2.4', {
  ID: required(int),
  Deployment: optional(Deployment),
  IsLeaf: required(boolean),
  Xml: optional(kept(string)),
});

export const ArrayOfUpdateInfo = kept(arrayOf('ArrayOfUpdateInfo', 'UpdateInfo', UpdateInfo));

export const SyncInfo = complexType('SyncInfo', '2.2.2.2.4', {
  NewUpdates: optional(ArrayOfUpdateInfo),
  OutOfScopeRevisionIDs: optional(ArrayOfInt),
  ChangedUpdates: optional(ArrayOfUpdateInfo),
  Truncated: required(boolean),
  NewCookie: optional(Cookie),
  DeployedOutOfScopeRevisionIds: optional(ArrayOfInt),
  /** A string in the specification; from client protocol 1.7. */
  DriverSyncNotNeeded: optional(string),
});

export const SyncUpdates = operation(
  complexType('SyncUpdates', '2.2.2.2.4', {
    cookie: optional(Cookie),
    parameters: optional(SyncUpdateParameters),
  }),
  complexType('SyncUpdatesResponse', '2.2.2.2.4', { SyncUpdatesResult: optional(SyncInfo) }),
);

// --- SyncPrinterCatalog, 2.2.2.2.9 -----------------------------------------------------------------

export const SyncPrinterCatalog = operation(
  complexType('SyncPrinterCatalog', '2.2.2.2.9', {
    cookie: optional(Cookie),
    installedNonLeafUpdateIDs: optional(ArrayOfInt),
    printerUpdateIDs: optional(ArrayOfInt),
    deviceAttributes: observed(string),
  }),
  complexType('SyncPrinterCatalogResponse', '2.2.2.2.9', { SyncPrinterCatalogResult: optional(SyncInfo) }),
);

// --- RefreshCache, 2.2.2.2.5 -----------------------------------------------------------------------

const ArrayOfUpdateIdentity = arrayOf('ArrayOfUpdateIdentity', 'UpdateIdentity', UpdateIdentity);

const RefreshCacheResult = complexType('RefreshCacheResult', '2.2.2.2.5', {
  RevisionID: required(int),
  GlobalID: optional(UpdateIdentity),
  IsLeaf: required(boolean),
  Deployment: optional(Deployment),
});

export const RefreshCache = operation(
  complexType('RefreshCache', '2.2.2.2.5', {
    cookie: optional(Cookie),
    globalIDs: optional(ArrayOfUpdateIdentity),
  }),
  complexType('RefreshCacheResponse', '2.2.2.2.5', {
    RefreshCacheResult: optional(
      arrayOf('ArrayOfRefreshCacheResult', 'RefreshCacheResult', RefreshCacheResult),
    ),
  }),
);

// --- GetExtendedUpdateInfo, 2.2.2.2.6 --------------------------------------------------------------

export const XmlUpdateFragmentType = enumeration('XmlUpdateFragmentType', [
  'Published',
  'Core',
  'Extended',
  'VerificationRule',
  'LocalizedProperties',
  'Eula',
  'FileUrl',
  'FileDecryption',
]);

const ArrayOfXmlUpdateFragmentType = arrayOf(
  'ArrayOfXmlUpdateFragmentType',
  'XmlUpdateFragmentType',
  XmlUpdateFragmentType,
  { nillable: false },
);

const UpdateData = complexType('UpdateData', '2.2.2.2.6', { ID: required(int), Xml: optional(kept(string)) });

const FileLocation = complexType('FileLocation', '2.2.2.2.6', {
  FileDigest: optional(base64Binary),
  Url: optional(string),
  PiecesHashUrl: optional(string),
  BlockMapUrl: optional(string),
  DecryptionInformation: optional(string),
  FileDigestAlgorithm: optional(string),
  EncryptedFileDigest: optional(base64Binary),
  EncryptedFileDigestAlgorithm: optional(string),
});

const ArrayOfUpdateData = arrayOf('ArrayOfUpdateData', 'Update', UpdateData);
const ArrayOfFileLocation = arrayOf('ArrayOfFileLocation', 'FileLocation', FileLocation);

export const ExtendedUpdateInfo = kept(
  complexType('ExtendedUpdateInfo', '2.2.2.2.6', {
    Updates: optional(ArrayOfUpdateData),
    FileLocations: optional(ArrayOfFileLocation),
    OutOfScopeRevisionIDs: optional(ArrayOfInt),
  }),
);

export const GetExtendedUpdateInfo = operation(
  complexType('GetExtendedUpdateInfo', '2.2.2.2.6', {
    cookie: optional(Cookie),
    revisionIDs: optional(ArrayOfInt),
    infoTypes: optional(ArrayOfXmlUpdateFragmentType),
    locales: optional(ArrayOfString),
    deviceAttributes: observed(string),
    GeoId: optional(string),
    callerAttributes: optional(string),
  }),
  complexType('GetExtendedUpdateInfoResponse', '2.2.2.2.6', {
    GetExtendedUpdateInfoResult: optional(ExtendedUpdateInfo),
  }),
);

// --- GetExtendedUpdateInfo2, 2.2.2.2.10 ------------------------------------------------------------

const decryption = (name: string) =>
  complexType(name, '2.2.2.2.10', {
    FileDigest: optional(base64Binary),
    DecryptionKey: optional(base64Binary),
    SecurityData: optional(ArrayOfBase64Binary),
  });

const UpdateEncryptionDetail = complexType('UpdateEncryptionDetail', '2.2.2.2.10', {
  UpdateIdentity: required(UpdateIdentity),
  HasEncryptedFiles: required(boolean),
});

export const GetExtendedUpdateInfo2 = operation(
  complexType('GetExtendedUpdateInfo2', '2.2.2.2.10', {
    cookie: optional(Cookie),
    updateIDs: optional(ArrayOfUpdateIdentity),
    infoTypes: optional(ArrayOfXmlUpdateFragmentType),
    locales: optional(ArrayOfString),
    deviceAttributes: observed(string),
    callerAttributes: optional(string),
  }),
  complexType('GetExtendedUpdateInfo2Response', '2.2.2.2.10', {
    GetExtendedUpdateInfo2Result: optional(
      complexType('ExtendedUpdateInfo2', '2.2.2.2.10', {
        Updates: optional(ArrayOfUpdateData),
        FileLocations: optional(ArrayOfFileLocation),
        FileDecryptionData: optional(
          arrayOf('ArrayOfFileDecryption', 'FileDecryption', decryption('FileDecryption')),
        ),
        FileDecryptionData2: optional(
          arrayOf('ArrayOfFileDecryption2', 'FileDecryption2', decryption('FileDecryption2')),
        ),
        UpdateEncryptionDetails: optional(
          arrayOf('ArrayOfUpdateEncryptionDetail', 'UpdateEncryptionDetail', UpdateEncryptionDetail),
        ),
      }),
    ),
  }),
);

// --- GetFileLocations, 2.2.2.2.7 -------------------------------------------------------------------

export const GetFileLocations = operation(
  complexType('GetFileLocations', '2.2.2.2.7', {
    cookie: optional(Cookie),
    fileDigests: optional(ArrayOfBase64Binary),
  }),
  complexType('GetFileLocationsResponse', '2.2.2.2.7', {
    GetFileLocationsResult: optional(
      complexType('GetFileLocationsResults', '2.2.2.2.7', {
        FileLocations: optional(ArrayOfFileLocation),
        NewCookie: optional(Cookie),
      }),
    ),
  }),
);

/** The Client web service ([MS-WUSP] 2.2.2.2). */
export const clientService = {
  name: 'Client',
  portName: 'ClientSoap',
  section: '2.2.2.2',
  namespace: 'http://www.microsoft.com/SoftwareDistribution/Server/ClientWebService',
  path: '/ClientWebService/Client.asmx',
  framing: FRAMING.clientService,
  cacheControl: 'private',
  faultActor: false,
  alsoUnderstood: [COMMON_NAMESPACE],
  operations: {
    GetConfig,
    GetCookie,
    RegisterComputer,
    StartCategoryScan,
    SyncUpdates,
    SyncPrinterCatalog,
    RefreshCache,
    GetExtendedUpdateInfo,
    GetExtendedUpdateInfo2,
    GetFileLocations,
  },
} as const satisfies ServiceDeclaration;
