import { preferCategories } from '../../catalog/category-scan.ts';
import type { UpdateId } from '../../metadata/update-identity.ts';
import { StartCategoryScan } from '../../protocol/wusp/client.ts';
import { implement } from '../../soap/endpoint.ts';
import { invalidParameter, present } from '../parameters.ts';
import type { Call, ServiceContext } from '../service-context.ts';

/** [MS-WUSP] note 52: 200 categories and more are refused. */
const CATEGORY_LIMIT = 200;

/** StartCategoryScan ([MS-WUSP] 2.2.2.2.8, 3.1.5.6). It carries no cookie, by design. */
export function startCategoryScan(context: ServiceContext) {
  return implement(StartCategoryScan, {
    handle(_call: Call, request) {
      const requested = present(request.requestedCategories, 'requestedCategories');
      if (requested.length >= CATEGORY_LIMIT)
        throw invalidParameter('requestedCategories', 'There are too many.');
      const { preferred, inError } = preferCategories(
        context.catalog().snapshot,
        requested.map((one) => ({
          andGroup: one.IndexOfAndGroup ?? 0,
          categoryId: present(one.CategoryId, 'requestedCategories') as UpdateId,
        })),
      );
      return {
        preferredCategoryIds: preferred.length > 0 ? preferred : undefined,
        requestedCategoryIdsInError: inError.length > 0 ? inError : undefined,
      };
    },
  });
}
