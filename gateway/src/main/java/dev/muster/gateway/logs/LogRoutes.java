package dev.muster.gateway.logs;

import dev.muster.gateway.https.Answer;
import dev.muster.gateway.https.Exchange;
import dev.muster.gateway.https.Route;
import dev.muster.gateway.uplink.LogEntries;
import dev.muster.gateway.uplink.Vault;
import dev.muster.protocol.MalformedPayloadException;
import io.vertx.core.http.HttpMethod;
import java.util.List;

/** {@code POST /v1/logs/json}: whatever the content type says, it is JSON or lines of it. */
public final class LogRoutes {
    private final Vault vault;

    public LogRoutes(Vault vault) {
        this.vault = vault;
    }

    public List<Route> routes() {
        return List.of(Route.forAssets("logs-json", HttpMethod.POST, "/v1/logs/json", this::receive));
    }

    private void receive(Exchange exchange) {
        vault.receive(exchange, Vault.Wording.PROBLEM, body -> {
            try {
                LogEntries entries = LogEntries.of(ShippedLogs.read(body));
                entries.refusals().forEach(why -> vault.malformed("logs-json"));
                if (!entries.items().isEmpty()) {
                    vault.store(exchange, Vault.Wording.PROBLEM, exchange.asset(), entries.items(), Answer.empty(204));
                } else if (entries.refusals().isEmpty()) {
                    exchange.answerLater(Answer.empty(204)); // as some ask whether anybody is there
                } else {
                    exchange.answerLater(
                            Answer.refused(400, "malformed", entries.refusals().getFirst()));
                }
            } catch (MalformedPayloadException e) {
                vault.malformed("logs-json");
                exchange.answerLater(Answer.refused(400, "malformed", String.valueOf(e.getMessage())));
            }
        });
    }
}
