import {
  arrayOf,
  complexType,
  optional,
  optionalAttribute,
  required,
  requiredAttribute,
} from '../../soap/message-type.ts';
import { operation } from '../../soap/service.ts';
import {
  boolean,
  dateTime,
  enumeration,
  guid,
  int,
  short,
  string,
  unsignedByte,
} from '../../soap/simple-type.ts';
import { ArrayOfGuid, ArrayOfString, Cookie } from './common.ts';

/**
 * The server-to-server operations of the Reporting web service: what a downstream server reports upwards.
 * [MS-WUSP] 6.3 carries them in its WSDL without a word; [MS-WSUSSS] 3.1.4.13 to 3.1.4.17 specify them, and
 * all sections in this file are of that document.
 */

// --- GetRollupConfiguration, 3.1.4.13 --------------------------------------------------------------

export const RollupConfiguration = complexType('RollupConfiguration', '3.1.4.13.3.1', {
  DoDetailedRollup: required(boolean),
  /** When it changes, the downstream server rolls up everything again. */
  RollupResetGuid: required(guid),
  ServerId: required(guid),
  RollupDownstreamServersMaxBatchSize: required(int),
  RollupComputersMaxBatchSize: required(int),
  GetOutOfSyncComputersMaxBatchSize: required(int),
  RollupComputerStatusMaxBatchSize: required(int),
});

export const GetRollupConfiguration = operation(
  complexType('GetRollupConfiguration', '3.1.4.13.2.1', { cookie: optional(Cookie) }),
  complexType('GetRollupConfigurationResponse', '3.1.4.13.2.2', {
    GetRollupConfigurationResult: optional(RollupConfiguration),
  }),
);

// --- RollupDownstreamServers, 3.1.4.14 -------------------------------------------------------------

const DownstreamServerRollupServerSummary = complexType(
  'DownstreamServerRollupServerSummary',
  '3.1.4.14.3.3',
  {
    UpdateCount: required(int),
    DeclinedUpdateCount: required(int),
    ApprovedUpdateCount: required(int),
    NotApprovedUpdateCount: required(int),
    UpdatesWithStaleUpdateApprovalsCount: required(int),
    ExpiredUpdateCount: required(int),
    CriticalOrSecurityUpdatesNotApprovedForInstallCount: required(int),
    WsusInfrastructureUpdatesNotApprovedForInstallCount: required(int),
    UpdatesWithClientErrorsCount: required(int),
    UpdatesWithServerErrorsCount: required(int),
    UpdatesNeedingFilesCount: required(int),
    UpdatesNeededByComputersCount: required(int),
    UpdatesUpToDateCount: required(int),
    CustomComputerTargetGroupCount: required(int),
    ComputerTargetCount: required(int),
    ComputerTargetsNeedingUpdatesCount: required(int),
    ComputerTargetsWithUpdateErrorsCount: required(int),
    ComputersUpToDateCount: required(int),
  },
);

const DownstreamServerRollupClientActivitySummary = complexType(
  'DownstreamServerRollupClientActivitySummary',
  '3.1.4.14.3.7',
  {
    UpdateId: required(guid),
    RevisionNumber: required(int),
    // Both are increments since the last roll-up, not totals.
    InstallSuccessCount: required(int),
    InstallFailureCount: required(int),
  },
);

const DownstreamServerRollupClientSummary = complexType(
  'DownstreamServerRollupClientSummary',
  '3.1.4.14.3.5',
  {
    OSMajorVersion: required(int),
    OSMinorVersion: required(int),
    OSBuildNumber: required(int),
    OSServicePackMajorNumber: required(int),
    OSServicePackMinorNumber: required(int),
    OSLocale: optional(string),
    SuiteMask: required(short),
    OldProductType: required(unsignedByte),
    NewProductType: required(int),
    SystemMetrics: required(int),
    ProcessorArchitecture: optional(string),
    Count: required(int),
    ActivitySummaries: optional(
      arrayOf(
        'ArrayOfDownstreamServerRollupClientActivitySummary',
        'DownstreamServerRollupClientActivitySummary',
        DownstreamServerRollupClientActivitySummary,
      ),
    ),
  },
);

export const DownstreamServerRollupInfo = complexType('DownstreamServerRollupInfo', '3.1.4.14.3.2', {
  ServerId: required(guid),
  FullDomainName: optional(string),
  LastSyncTime: required(dateTime),
  ParentServerId: required(guid),
  Version: optional(string),
  IsReplica: required(boolean),
  LastRollupTime: required(dateTime),
  ServerSummary: optional(DownstreamServerRollupServerSummary),
  ClientSummaries: optional(
    arrayOf(
      'ArrayOfDownstreamServerRollupClientSummary',
      'DownstreamServerRollupClientSummary',
      DownstreamServerRollupClientSummary,
    ),
  ),
});

export const RollupDownstreamServers = operation(
  complexType('RollupDownstreamServers', '3.1.4.14.2.1', {
    cookie: optional(Cookie),
    clientTime: required(dateTime),
    downstreamServers: optional(
      arrayOf('ArrayOfDownstreamServerRollupInfo', 'DownstreamServerRollupInfo', DownstreamServerRollupInfo),
    ),
  }),
  complexType('RollupDownstreamServersResponse', '3.1.4.14.2.2', {}),
);

// --- RollupComputers, 3.1.4.15 ---------------------------------------------------------------------

const ComputerRollupDetails = complexType(
  'ComputerRollupDetails',
  '3.1.4.15.3.3',
  {
    TargetGroupIdList: optional(ArrayOfGuid),
    RequestedTargetGroupNames: optional(ArrayOfString),
  },
  {
    IPAddress: optionalAttribute(string),
    FullDomainName: optionalAttribute(string),
    OSMajorVersion: requiredAttribute(int),
    OSMinorVersion: requiredAttribute(int),
    OSBuildNumber: requiredAttribute(int),
    OSServicePackMajorNumber: requiredAttribute(int),
    OSServicePackMinorNumber: requiredAttribute(int),
    OSLocale: optionalAttribute(string),
    OSFamily: optionalAttribute(string),
    OSDescription: optionalAttribute(string),
    ComputerMake: optionalAttribute(string),
    ComputerModel: optionalAttribute(string),
    BiosVersion: optionalAttribute(string),
    BiosName: optionalAttribute(string),
    BiosReleaseDate: requiredAttribute(dateTime),
    ProcessorArchitecture: optionalAttribute(string),
    SuiteMask: requiredAttribute(short),
    OldProductType: requiredAttribute(unsignedByte),
    NewProductType: requiredAttribute(int),
    SystemMetrics: requiredAttribute(int),
    ClientVersion: optionalAttribute(string),
  },
);

export const ComputerRollupInfo = complexType(
  'ComputerRollupInfo',
  '3.1.4.15.3.2',
  { Details: optional(ComputerRollupDetails) },
  {
    ComputerId: optionalAttribute(string),
    // Times that never were are 1753-01-01T00:00:00; the samples have 0001-01-01T00:00:00.
    LastSyncTime: requiredAttribute(dateTime),
    LastSyncResult: requiredAttribute(int),
    LastReportedRebootTime: requiredAttribute(dateTime),
    LastReportedStatusTime: requiredAttribute(dateTime),
    LastInventoryTime: requiredAttribute(dateTime),
    ParentServerId: requiredAttribute(guid),
  },
);

export const ComputerChangeType = enumeration('ComputerChangeType', ['Deleted', 'NewParent']);

export const ChangedComputer = complexType(
  'ChangedComputer',
  '3.1.4.15.3.5',
  {},
  { ComputerId: optionalAttribute(string), Change: requiredAttribute(ComputerChangeType) },
);

export const RollupComputers = operation(
  complexType('RollupComputers', '3.1.4.15.2.1', {
    cookie: optional(Cookie),
    clientTime: required(dateTime),
    computers: optional(arrayOf('ArrayOfComputerRollupInfo', 'ComputerRollupInfo', ComputerRollupInfo)),
  }),
  complexType('RollupComputersResponse', '3.1.4.15.2.2', {
    RollupComputersResult: optional(arrayOf('ArrayOfChangedComputer', 'ChangedComputer', ChangedComputer)),
  }),
);

// --- GetOutOfSyncComputers, 3.1.4.16 ---------------------------------------------------------------

const ComputerLastRollupNumber = complexType('ComputerLastRollupNumber', '3.1.4.16.3.2', {
  ComputerId: optional(string),
  /** 0 as long as nothing was rolled up. */
  RollupNumber: required(int),
});

export const GetOutOfSyncComputers = operation(
  complexType('GetOutOfSyncComputers', '3.1.4.16.2.1', {
    cookie: optional(Cookie),
    parentServerId: required(guid),
    lastRollupNumbers: optional(
      arrayOf('ArrayOfComputerLastRollupNumber', 'ComputerLastRollupNumber', ComputerLastRollupNumber),
    ),
  }),
  complexType('GetOutOfSyncComputersResponse', '3.1.4.16.2.2', {
    GetOutOfSyncComputersResult: optional(ArrayOfString),
  }),
);

// --- RollupComputerStatus, 3.1.4.17 ----------------------------------------------------------------

const ComputerStatusRollupUpdateStatus = complexType('ComputerStatusRollupUpdateStatus', '3.1.4.17.3.4', {
  UpdateId: required(guid),
  /** 0 not applicable, 2 not installed, 3 downloaded, 4 installed, 5 failed, 6 installed pending a restart. */
  SummarizationState: required(int),
  LastChangeTime: required(dateTime),
});

export const ComputerStatusRollupInfo = complexType('ComputerStatusRollupInfo', '3.1.4.17.3.2', {
  InstanceId: required(guid),
  ComputerId: optional(string),
  EffectiveLastDetectionTime: required(dateTime),
  /** 1 on the first roll-up of a computer, then ever greater. */
  RollupNumber: required(int),
  IsFullRollup: required(boolean),
  UpdateStatus: optional(
    arrayOf(
      'ArrayOfComputerStatusRollupUpdateStatus',
      'ComputerStatusRollupUpdateStatus',
      ComputerStatusRollupUpdateStatus,
    ),
  ),
});

export const RollupComputerStatus = operation(
  complexType('RollupComputerStatus', '3.1.4.17.2.1', {
    cookie: optional(Cookie),
    clientTime: required(dateTime),
    parentServerId: required(guid),
    computers: optional(
      arrayOf('ArrayOfComputerStatusRollupInfo', 'ComputerStatusRollupInfo', ComputerStatusRollupInfo),
    ),
  }),
  complexType('RollupComputerStatusResponse', '3.1.4.17.2.2', {
    RollupComputerStatusResult: required(boolean),
  }),
);
