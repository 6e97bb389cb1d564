package dev.muster.gateway.est;

import io.vertx.core.http.HttpMethod;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The routes of device HTTPS, and which credentials each accepts (RFC 7030 §3.2.2). */
enum EstRoute {
    //           method           path             accepts
    CA_CERTS(HttpMethod.GET, "cacerts", EnumSet.noneOf(Accepts.class)),
    CSR_ATTRIBUTES(HttpMethod.GET, "csrattrs", EnumSet.noneOf(Accepts.class)),
    ENROL(HttpMethod.POST, "simpleenroll", EnumSet.of(Accepts.CLAIM_TOKEN)),
    RENEW(HttpMethod.POST, "simplereenroll", EnumSet.of(Accepts.CLIENT_CERTIFICATE)),
    /** Not of EST: the asset's own desired document, for one whose packets are too small for it. */
    DESIRED(HttpMethod.GET, "/v1/desired", EnumSet.of(Accepts.CLIENT_CERTIFICATE));

    enum Accepts {
        CLAIM_TOKEN("Basic realm=\"muster enrolment: any user name, the claim token as password\""),
        CLIENT_CERTIFICATE("Client-Certificate realm=\"muster: the asset's current certificate\"");

        private final String challenge;

        Accepts(String challenge) {
            this.challenge = challenge;
        }

        /** For WWW-Authenticate. */
        String challenge() {
            return challenge;
        }
    }

    static final String PREFIX = "/.well-known/est/";

    private final HttpMethod method;
    private final String path;
    private final Set<Accepts> accepts;

    EstRoute(HttpMethod method, String path, Set<Accepts> accepts) {
        this.method = method;
        this.path = path.startsWith("/") ? path : PREFIX + path;
        this.accepts = accepts;
    }

    static Optional<EstRoute> of(@Nullable String path) {
        return Arrays.stream(values()).filter(route -> route.path.equals(path)).findFirst();
    }

    HttpMethod method() {
        return method;
    }

    String path() {
        return path;
    }

    /** Any of these; anybody where it is empty. */
    Set<Accepts> accepts() {
        return accepts;
    }
}
