// All that this room takes from cdktf, so that a move to its successor is made here.
export { TerraformStack, Token, Tokenization } from 'cdktf';
