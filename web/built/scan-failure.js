export class ScanFailure extends Error {
    problem;
    constructor(problem) {
        super(problem);
        this.name = "ScanFailure";
        this.problem = problem;
    }
}
