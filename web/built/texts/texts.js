// The sentences of the visitor's page. A language that lacks one does not compile.
export {};
