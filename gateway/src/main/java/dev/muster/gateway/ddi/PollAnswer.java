package dev.muster.gateway.ddi;

import dev.muster.gateway.https.Answer;
import dev.muster.gateway.port.Deployments.Pending;
import dev.muster.gateway.port.Deployments.Polled;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The answer to a poll, ready to be sent to who asked. */
record PollAnswer(byte[] body, String etag) {
    /** Clients read hours of a day; hawkBit's longer form breaks them. */
    private static final Duration LONGEST_SLEEP = Duration.ofDays(1).minusSeconds(1);

    /** @param base address of the asset's resources, as it was asked for */
    static PollAnswer of(Polled polled, String base) {
        JsonObject links = new JsonObject();
        link(links, polled.pending(), base);
        if (polled.attributes()) {
            links.put("configData", href(base + "/configData"));
        }
        if (polled.installed() != null) {
            links.put("installedBase", href(base + "/installedBase/" + polled.installed()));
        }
        byte[] body = new JsonObject()
                .put("config", new JsonObject().put("polling", new JsonObject().put("sleep", sleep(polled.sleep()))))
                .put("_links", links)
                .encode()
                .getBytes(StandardCharsets.UTF_8);
        return new PollAnswer(body, Bodies.etag(body));
    }

    private static void link(JsonObject links, @Nullable Pending pending, String base) {
        switch (pending) {
            case null -> {}
            case Pending.Deploy(int action, String revision) ->
                links.put("deploymentBase", href(base + "/deploymentBase/" + action + "?c=" + revision));
            case Pending.Confirm(int action, String revision) ->
                links.put("confirmationBase", href(base + "/confirmationBase/" + action + "?c=" + revision));
            case Pending.Cancel(int action) -> links.put("cancelAction", href(base + "/cancelAction/" + action));
        }
    }

    static JsonObject href(String url) {
        return new JsonObject().put("href", url);
    }

    static String sleep(Duration wanted) {
        Duration sleep = wanted.compareTo(LONGEST_SLEEP) > 0 ? LONGEST_SLEEP : wanted;
        return String.format(
                Locale.ROOT, "%02d:%02d:%02d", sleep.toHours(), sleep.toMinutesPart(), sleep.toSecondsPart());
    }

    /** @param known ETag that the asset holds */
    Answer answer(@Nullable String known) {
        return Bodies.json(body, etag, known);
    }
}
