package dev.muster.gateway.est;

import dev.muster.gateway.config.DevicePlaneConfig;
import dev.muster.gateway.https.Accepts;
import dev.muster.gateway.https.Answer;
import dev.muster.gateway.https.Caller;
import dev.muster.gateway.https.Exchange;
import dev.muster.gateway.https.Route;
import dev.muster.gateway.https.WorkPool;
import dev.muster.gateway.port.Enrolment;
import dev.muster.gateway.port.Enrolment.Outcome;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** EST (RFC 7030, RFC 8951): the CA for everybody, a certificate for a claim token or for the current one. */
public final class EstRoutes {
    private static final String PREFIX = "/.well-known/est/";
    private static final String PKCS10 = "application/pkcs10";
    private static final String CERTS_ONLY = "application/pkcs7-mime; smime-type=certs-only";
    private static final int WAITING_PER_WORKER = 16;
    private static final Set<Accepts> EVERYBODY = EnumSet.noneOf(Accepts.class);

    private final Enrolment enrolment;
    private final int maxBodyBytes;
    private final WorkPool pool;

    public EstRoutes(Enrolment enrolment, DevicePlaneConfig.Https bounds) {
        this.enrolment = enrolment;
        this.maxBodyBytes = bounds.bodies().enrolment();
        this.pool = new WorkPool("enrolment", bounds.maxEnrolments(), bounds.maxEnrolments() * WAITING_PER_WORKER);
    }

    /** Which credentials each accepts: RFC 7030 §3.2.2. */
    public List<Route> routes() {
        return List.of(
                Route.at("est-cacerts", HttpMethod.GET, PREFIX + "cacerts", EVERYBODY, this::caCertificates),
                Route.at("est-csrattrs", HttpMethod.GET, PREFIX + "csrattrs", EVERYBODY, this::csrAttributes),
                Route.at(
                        "est-enrol",
                        HttpMethod.POST,
                        PREFIX + "simpleenroll",
                        EnumSet.of(Accepts.CLAIM_TOKEN),
                        this::enrol),
                Route.forAssets("est-renew", HttpMethod.POST, PREFIX + "simplereenroll", this::renew));
    }

    private void caCertificates(Exchange exchange) {
        exchange.work(pool, () -> base64(CERTS_ONLY, EstBodies.certsOnly(enrolment.caCertificates())));
    }

    private void csrAttributes(Exchange exchange) {
        exchange.work(pool, () -> {
            byte[] der = enrolment.csrAttributes();
            return der.length == 0 ? Answer.empty(204) : base64("application/csrattrs", EstBodies.base64(der));
        });
    }

    private void enrol(Exchange exchange) {
        if (exchange.caller() instanceof Caller.Claimant claimant) {
            issue(exchange, pkcs10 -> enrolment.enrol(claimant.token(), pkcs10, exchange.address()));
        }
    }

    private void renew(Exchange exchange) {
        if (exchange.caller() instanceof Caller.Asset asset) {
            issue(exchange, pkcs10 -> enrolment.renew(asset.certificate(), pkcs10, exchange.address()));
        }
    }

    @FunctionalInterface
    private interface Issuing {
        Outcome issue(byte[] pkcs10);
    }

    private void issue(Exchange exchange, Issuing issuing) {
        String type = exchange.header(HttpHeaders.CONTENT_TYPE);
        if (type != null && !type.regionMatches(true, 0, PKCS10, 0, PKCS10.length())) {
            exchange.answer(
                    Answer.refused(415, "unsupported_media_type", "the content type is another than " + PKCS10));
            return;
        }
        exchange.body(maxBodyBytes, body -> {
            Optional<byte[]> der = EstBodies.der(body);
            if (der.isEmpty()) {
                exchange.answer(Answer.refused(400, "invalid", "the body is not the base64 of a PKCS#10 request"));
            } else {
                exchange.work(pool, () -> answer(issuing.issue(der.get())));
            }
        });
    }

    private static Answer answer(Outcome outcome) {
        return switch (outcome) {
            case Outcome.Issued issued -> base64(CERTS_ONLY, EstBodies.certsOnly(List.of(issued.certificate())));
            case Outcome.Refused refused -> Answer.refused(refused.status(), refused.code(), refused.message());
        };
    }

    private static Answer base64(String type, String body) {
        return Answer.of(200, type, body).with("Content-Transfer-Encoding", "base64");
    }
}
