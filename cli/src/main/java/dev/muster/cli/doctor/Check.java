package dev.muster.cli.doctor;

/**
 * What a check found.
 *
 * @param mend what to do about it; empty when all is well
 */
public record Check(String name, Verdict verdict, String found, String mend) {
    public enum Verdict {
        OK,
        WARN,
        FAIL
    }

    static Check ok(String name, String found) {
        return new Check(name, Verdict.OK, found, "");
    }

    static Check warn(String name, String found, String mend) {
        return new Check(name, Verdict.WARN, found, mend);
    }

    static Check fail(String name, String found, String mend) {
        return new Check(name, Verdict.FAIL, found, mend);
    }
}
