// All that this room takes from cdktf, so that a move to its successor is made here.
export { Annotations, Fn, Lazy, TerraformResource, TerraformStack, Token, Tokenization } from 'cdktf';
