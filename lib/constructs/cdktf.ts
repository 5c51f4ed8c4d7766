// The only import of cdktf in this room, so that a move to its successor is one change.
export { Annotations, Fn, Lazy, TerraformResource, TerraformStack, Token, Tokenization } from 'cdktf';
