package dev.muster.gateway.uplink;

import dev.muster.gateway.https.Accepts;
import dev.muster.gateway.https.Answer;
import dev.muster.gateway.https.Exchange;
import dev.muster.gateway.https.Route;
import dev.muster.gateway.journal.EntryKind;
import dev.muster.protocol.MalformedPayloadException;
import dev.muster.protocol.PayloadFormat;
import dev.muster.protocol.Topics;
import dev.muster.protocol.UplinkCodec;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The uplinks of docs/protocol.md by POST: the topic below {@code assets/{id}/} is the path below {@code /v1/}. */
public final class UplinkRoutes {
    private static final Pattern ONE = Pattern.compile(
            "/v1/(hello|heartbeat|telemetry|position|state/reported|events|logs|commands/[A-Za-z0-9][A-Za-z0-9._-]{0,63}/result)");

    private final Vault vault;

    public UplinkRoutes(Vault vault) {
        this.vault = vault;
    }

    public List<Route> routes() {
        return List.of(
                new Route("uplink", Set.of(HttpMethod.POST), ONE, EnumSet.of(Accepts.CLIENT_CERTIFICATE), this::one),
                Route.forAssets("uplinks", HttpMethod.POST, "/v1/uplinks", this::many));
    }

    private void one(Exchange exchange) {
        Optional<PayloadFormat> format = format(exchange);
        if (format.isEmpty()) {
            return;
        }
        Topics.UplinkTopic topic =
                Topics.uplink(exchange.asset(), "assets/" + exchange.asset() + "/" + exchange.parameter(1));
        if (topic == null) {
            throw new IllegalStateException("the path " + exchange.parameter(1) + " is let through and is no uplink");
        }
        vault.receive(exchange, Vault.Wording.PROBLEM, body -> {
            try {
                var uplink = UplinkCodec.decode(topic.kind(), topic.subtopic(), format.get(), body);
                var item = new Deposit.Item(EntryKind.of(topic.kind()), topic.subtopic(), format.get(), body, uplink);
                vault.store(exchange, Vault.Wording.PROBLEM, exchange.asset(), List.of(item), Answer.empty(204));
            } catch (MalformedPayloadException e) {
                vault.malformed(topic.kind().name());
                exchange.answerLater(Answer.refused(400, "malformed", String.valueOf(e.getMessage())));
            }
        });
    }

    private void many(Exchange exchange) {
        Optional<PayloadFormat> format = format(exchange);
        if (format.isEmpty()) {
            return;
        }
        vault.receive(exchange, Vault.Wording.PROBLEM, body -> {
            try {
                Batch batch = Batch.read(exchange.asset(), format.get(), body);
                batch.refused().forEach(refused -> vault.malformed("batch"));
                if (batch.items().isEmpty()) {
                    exchange.answerLater(batch.answer(400));
                } else {
                    Answer done = batch.refused().isEmpty() ? Answer.empty(204) : batch.answer(200);
                    vault.store(exchange, Vault.Wording.PROBLEM, exchange.asset(), batch.items(), done);
                }
            } catch (MalformedPayloadException e) {
                vault.malformed("batch");
                exchange.answerLater(Answer.refused(400, "malformed", String.valueOf(e.getMessage())));
            }
        });
    }

    /** JSON where it is not said; answers when it is said to be something else. */
    private static Optional<PayloadFormat> format(Exchange exchange) {
        String type = exchange.header(HttpHeaders.CONTENT_TYPE);
        Optional<PayloadFormat> format = MediaTypes.format(type);
        if (format.isEmpty()) {
            exchange.answer(
                    Answer.refused(
                            415,
                            "unsupported_media_type",
                            "the content type is not known, application/json, application/x-ndjson (batch) and application/cbor are"));
        }
        return format;
    }
}
