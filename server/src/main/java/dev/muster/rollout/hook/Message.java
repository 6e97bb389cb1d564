package dev.muster.rollout.hook;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What came in, before anybody believes it.
 *
 * @param headers by name in lower case
 */
record Message(Map<String, String> headers, byte[] body) {
    static final int MAX_BYTES = 1 << 20;

    Message {
        headers = Map.copyOf(headers);
    }

    /** Empty when it is not there. */
    String header(String name) {
        return headers.getOrDefault(name.toLowerCase(Locale.ROOT), "");
    }

    /**
     * A push that an authentic message tells of.
     *
     * @param delivery the sender's id of it, the same when it is sent again
     * @param contentHash of what was authenticated: the same content under another id is the same delivery
     * @param repository as the sender names it
     */
    record Push(String delivery, String contentHash, Instant at, String repository, String tag) {}

    /** What a message comes to. */
    sealed interface Read {
        /** @param pushes none when it tells of something else */
        record Authentic(List<Push> pushes) implements Read {
            public Authentic {
                pushes = List.copyOf(pushes);
            }
        }

        /** Not of who has the secret, or too old; the sender is not told which. */
        record Unauthentic(String why) implements Read {}

        /** Of who has the secret, and not understood. */
        record Malformed(String why) implements Read {}
    }
}
