/**
 * Where Terraform looks for the provider: host, namespace and type. A host below `.invalid` never resolves, so nobody
 * else can ever answer for it.
 */
export const PROVIDER_SOURCE = 'terraform.bulkhead.invalid/bulkhead/bulkhead';
