package dev.muster.gateway.ddi;

import dev.muster.gateway.port.Deployments.Feedback;
import io.vertx.core.json.JsonObject;

/** Any bytes as what a DDI client posts, feedback and attributes: read, or refused. */
public final class SaidFuzz {
    private SaidFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) {
        JsonObject body;
        try {
            body = Said.object(data);
        } catch (Said.MalformedException refused) {
            return;
        }
        try {
            Feedback feedback = Said.feedback(body);
            Integer percent = feedback.percent();
            if (percent != null && (percent < 0 || percent > 100)) {
                throw new AssertionError(percent + "%");
            }
            feedback.details().forEach(SaidFuzz::requireShort);
        } catch (Said.MalformedException refused) {
            requireReason(refused);
        }
        try {
            Said.mode(body);
            Said.attributes(body).values().forEach(SaidFuzz::requireShort);
            Said.text(body, "confirmation");
        } catch (Said.MalformedException refused) {
            requireReason(refused);
        }
    }

    private static void requireShort(String text) {
        if (text.length() > Said.MAX_CHARACTERS || text.indexOf('\0') >= 0) {
            throw new AssertionError("a text of " + text.length() + " characters");
        }
    }

    private static void requireReason(Said.MalformedException refused) {
        if (refused.getMessage() == null) {
            throw new AssertionError("refused without a reason", refused);
        }
    }
}
