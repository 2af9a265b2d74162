import type { AnyOperationHandler } from '../../soap/endpoint.ts';
import type { Call, ServiceContext } from '../service-context.ts';
import { reportEventBatch } from './report-event-batch.ts';

/** The operations of the Reporting web service that clients call. */
export function reportingOperations(context: ServiceContext): AnyOperationHandler<Call>[] {
  return [reportEventBatch(context)];
}
