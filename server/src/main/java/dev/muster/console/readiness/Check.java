package dev.muster.console.readiness;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/**
 * One thing that a fleet in production needs.
 *
 * @param name for programs
 * @param title for people
 * @param found numbers, and the first names
 * @param todo empty when it is ok
 * @param link a page of the console or of the documentation; empty without one
 */
record Check(String name, String title, State state, String found, String todo, String link) {

    /** Unknown is not ok: nobody has looked, or there was nothing to look at. */
    enum State {
        OK,
        WARN,
        FAIL,
        UNKNOWN;

        @JsonValue
        String wire() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** A question of which the answer is filled in by what was found. */
    record About(String name, String title, String link) {
        Check ok(String found) {
            return new Check(name, title, State.OK, found, "", link);
        }

        Check warn(String found, String todo) {
            return new Check(name, title, State.WARN, found, todo, link);
        }

        Check fail(String found, String todo) {
            return new Check(name, title, State.FAIL, found, todo, link);
        }

        Check unknown(String found, String todo) {
            return new Check(name, title, State.UNKNOWN, found, todo, link);
        }
    }
}
