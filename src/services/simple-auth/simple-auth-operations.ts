import type { AnyOperationHandler } from '../../soap/endpoint.ts';
import type { Call, ServiceContext } from '../service-context.ts';
import { getAuthorizationCookie } from './get-authorization-cookie.ts';

/** The operations of the SimpleAuth web service. */
export function simpleAuthOperations(context: ServiceContext): AnyOperationHandler<Call>[] {
  return [getAuthorizationCookie(context)];
}
