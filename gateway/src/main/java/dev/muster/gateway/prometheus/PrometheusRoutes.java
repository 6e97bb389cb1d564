package dev.muster.gateway.prometheus;

import dev.muster.gateway.https.Answer;
import dev.muster.gateway.https.Exchange;
import dev.muster.gateway.https.Route;
import dev.muster.gateway.journal.EntryKind;
import dev.muster.gateway.packed.Snappy;
import dev.muster.gateway.signal.SampleBatch;
import dev.muster.gateway.uplink.Deposit;
import dev.muster.gateway.uplink.MediaTypes;
import dev.muster.gateway.uplink.Vault;
import dev.muster.protocol.MalformedPayloadException;
import dev.muster.protocol.PayloadFormat;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Where a Prometheus on an asset, or beside it, writes what it scraped. */
public final class PrometheusRoutes {
    private static final int ENTRY_BYTES = 192 * 1024;
    private static final String FIRST = "prometheus.writerequest";
    private static final String SECOND = "io.prometheus.write.v2.request";
    private static final String WRITTEN = "X-Prometheus-Remote-Write-";

    private final Vault vault;

    public PrometheusRoutes(Vault vault) {
        this.vault = vault;
    }

    public List<Route> routes() {
        return List.of(Route.forAssets("remote-write", HttpMethod.POST, "/prometheus/api/v1/write", this::write));
    }

    private void write(Exchange exchange) {
        String type = exchange.header(HttpHeaders.CONTENT_TYPE);
        String proto = proto(type);
        String coding = exchange.header(HttpHeaders.CONTENT_ENCODING);
        if (!MediaTypes.plain(type).equals("application/x-protobuf")
                || !(proto.equals(FIRST) || proto.equals(SECOND))) {
            exchange.answer(Answer.refused(
                    415,
                    "unsupported_media_type",
                    "the content type is not known, application/x-protobuf;proto=io.prometheus.write.v2.Request and"
                            + " application/x-protobuf;proto=prometheus.WriteRequest are"));
        } else if (!"snappy".equalsIgnoreCase(coding)) {
            exchange.answer(Answer.refused(415, "unsupported_media_type", "the content encoding is another than snappy")
                    .with("Accept-Encoding", "snappy"));
        } else {
            vault.receiveAs(
                    exchange,
                    Vault.Wording.PROBLEM,
                    Snappy::unpack,
                    body -> read(exchange, body, proto.equals(SECOND)));
        }
    }

    /** Without a parameter it is the first version. */
    private static String proto(@Nullable String type) {
        String lower = type == null ? "" : type.toLowerCase(Locale.ROOT);
        int at = lower.indexOf("proto=");
        if (at < 0) {
            return FIRST;
        }
        String rest = lower.substring(at + "proto=".length());
        int end = rest.indexOf(';');
        return (end < 0 ? rest : rest.substring(0, end)).replace("\"", "").strip();
    }

    private void read(Exchange exchange, byte[] body, boolean isSecond) {
        RemoteWrite.Read read;
        try {
            read = RemoteWrite.read(body, isSecond);
        } catch (MalformedPayloadException e) {
            vault.malformed("remote-write");
            exchange.answerLater(
                    written(Answer.refused(400, "malformed", String.valueOf(e.getMessage())), isSecond, 0));
            return;
        }
        // 400 is not repeated: what is refused of it never will be taken, and the rest is stored.
        Answer done = read.refused() == 0
                ? Answer.empty(204)
                : Answer.refused(
                        400,
                        "malformed",
                        read.taken() + " samples are stored, " + read.refused() + " are refused; first: "
                                + read.firstRefusal());
        Answer answer = written(done, isSecond, read.taken());
        List<Deposit.Item> items = SampleBatch.encode(read.samples(), ENTRY_BYTES).stream()
                .map(entry -> new Deposit.Item(EntryKind.SAMPLES, "", PayloadFormat.JSON, entry, null))
                .toList();
        if (items.isEmpty()) {
            exchange.answerLater(answer);
        } else {
            vault.store(exchange, Vault.Wording.PROBLEM, exchange.asset(), items, answer);
        }
    }

    /** Version 2.0 wants to hear what was written, whatever the status. */
    private static Answer written(Answer answer, boolean isSecond, int samples) {
        return isSecond
                ? answer.with(WRITTEN + "Samples-Written", Integer.toString(samples))
                        .with(WRITTEN + "Histograms-Written", "0")
                        .with(WRITTEN + "Exemplars-Written", "0")
                : answer;
    }
}
