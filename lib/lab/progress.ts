/** Is told, in a few words, what a lab does that takes a while. */
export type Progress = (message: string) => void;
