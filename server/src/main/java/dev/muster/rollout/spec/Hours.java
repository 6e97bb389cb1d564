package dev.muster.rollout.spec;

import java.time.Instant;

/** When orders may go out. */
public interface Hours {
    Hours ALWAYS = new Hours() {
        @Override
        public Instant opens(Instant at) {
            return at;
        }

        @Override
        public Instant closes(Instant at) {
            return Instant.MAX;
        }
    };

    /** When they are open next; now when they are. */
    Instant opens(Instant at);

    /** When those end that are open at a moment. */
    Instant closes(Instant at);
}
