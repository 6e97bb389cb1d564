package dev.muster.gateway.desired;

import dev.muster.gateway.https.Answer;
import dev.muster.gateway.https.Exchange;
import dev.muster.gateway.https.Route;
import dev.muster.gateway.port.DownlinkSource;
import dev.muster.gateway.port.DownlinkSource.Desired;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The document of the asset to which the certificate belongs, and no other. */
public final class DesiredRoute {
    private static final int RETRY_SECONDS = 5;

    private final DownlinkSource downlink;

    public DesiredRoute(DownlinkSource downlink) {
        this.downlink = downlink;
    }

    public List<Route> routes() {
        return List.of(Route.forAssets("desired", HttpMethod.GET, "/v1/desired", this::desired));
    }

    private void desired(Exchange exchange) {
        String known = exchange.header(HttpHeaders.IF_NONE_MATCH);
        downlink.desired(exchange.asset())
                .whenComplete((found, failure) -> exchange.answerLater(answer(found, failure, known)));
    }

    private static Answer answer(
            @Nullable Optional<Desired> found, @Nullable Throwable failure, @Nullable String known) {
        if (failure != null || found == null) {
            return Answer.later(503, "unavailable", "the desired state cannot be read now", RETRY_SECONDS);
        }
        if (found.isEmpty()) {
            return Answer.refused(404, "not_found", "nothing is desired of this asset");
        }
        String tag = '"' + found.get().sha256() + '"';
        Answer answer = tag.equals(known)
                ? Answer.empty(304)
                : Answer.of(200, "application/json", found.get().document());
        return answer.with("ETag", tag).with("Cache-Control", "private, no-cache");
    }
}
