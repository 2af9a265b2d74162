import type { HousekeepingPolicy } from '../fleet/housekeeping-task.ts';
import type { Settings } from './settings.ts';

/** The thresholds of housekeeping by the settings. */
export function housekeepingPolicy(settings: Settings): HousekeepingPolicy {
  return {
    expiredDays: settings['housekeeping.expiredDays'],
    supersededDays: settings['housekeeping.supersededDays'],
    revisionDays: settings['housekeeping.revisionDays'],
    fileDays: settings['housekeeping.fileDays'],
    computerDays: settings['housekeeping.computerDays'],
    eventDays: settings['housekeeping.eventDays'],
    findingDays: settings['housekeeping.findingDays'],
    historyDays: settings['housekeeping.historyDays'],
  };
}
