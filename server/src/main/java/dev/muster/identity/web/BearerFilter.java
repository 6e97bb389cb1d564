package dev.muster.identity.web;

import dev.muster.identity.Actor;
import dev.muster.identity.Authentication;
import dev.muster.identity.Authenticator;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.web.ProblemWriter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.security.authentication.UsernamePasswordAuthenticationToken;
import org.springframework.security.core.context.SecurityContext;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.transaction.TransactionException;
import org.springframework.web.filter.OncePerRequestFilter;

/** Authenticates {@code Authorization: Bearer muster_…} (RFC 6750); without that header the request goes on as nobody's. */
class BearerFilter extends OncePerRequestFilter {
    private static final Logger LOG = LoggerFactory.getLogger(BearerFilter.class);
    private static final String SCHEME = "bearer ";
    private static final String CHALLENGE = "Bearer realm=\"muster\"";
    private static final Duration TOLD_EACH = Duration.ofSeconds(10);

    private final Authenticator authenticator;
    private final ProblemWriter problems;
    private final AtomicLong toldAtNanos = new AtomicLong(System.nanoTime() - TOLD_EACH.toNanos());

    BearerFilter(Authenticator authenticator, ProblemWriter problems) {
        this.authenticator = authenticator;
        this.problems = problems;
    }

    /** Not with every request: anybody may send them, and while the database is away it says the same of all. */
    private void tellThatItIsAway(HttpServletRequest request, RuntimeException failure) {
        long now = System.nanoTime();
        long before = toldAtNanos.get();
        if (now - before >= TOLD_EACH.toNanos() && toldAtNanos.compareAndSet(before, now)) {
            LOG.warn(
                    "cannot authenticate {} {}: the database does not answer; others are not logged for {} s: {}",
                    request.getMethod(),
                    request.getRequestURI(),
                    TOLD_EACH.toSeconds(),
                    NestedExceptionUtils.getMostSpecificCause(failure).getMessage());
        } else {
            LOG.debug("cannot authenticate {} {}", request.getMethod(), request.getRequestURI(), failure);
        }
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return Routes.isOpen(request.getRequestURI());
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String presented = presented(request);
        if (presented == null) {
            chain.doFilter(request, response);
            return;
        }
        Authentication authentication;
        try {
            authentication = authenticator.authenticate(presented, request.getRemoteAddr());
        } catch (DataAccessException | TransactionException e) {
            tellThatItIsAway(request, e);
            problems.write(
                    response,
                    ErrorCode.UNAVAILABLE,
                    "the token cannot be checked: the database does not answer; see /readyz and try again");
            return;
        }
        switch (authentication) {
            case Authentication.Accepted(Actor actor) -> {
                accept(request, actor);
                try {
                    chain.doFilter(request, response);
                } finally {
                    SecurityContextHolder.clearContext();
                }
            }
            case Authentication.Rejected(String reason) -> {
                response.setHeader(HttpHeaders.WWW_AUTHENTICATE, CHALLENGE + ", error=\"invalid_token\"");
                problems.write(
                        response,
                        ErrorCode.UNAUTHENTICATED,
                        reason + "; use a token of GET /api/v1/tokens that is in force");
            }
            case Authentication.Limited(var retryAfter) -> {
                long seconds = Math.max(1, retryAfter.toSeconds());
                response.setHeader(HttpHeaders.RETRY_AFTER, Long.toString(seconds));
                problems.write(
                        response,
                        ErrorCode.RATE_LIMITED,
                        "too many failed authentications from this address; try again in " + seconds + " s");
            }
        }
    }

    /** The answer to a request without a token. */
    void challenge(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setHeader(HttpHeaders.WWW_AUTHENTICATE, CHALLENGE);
        problems.write(
                response,
                ErrorCode.UNAUTHENTICATED,
                request.getMethod() + " " + request.getRequestURI()
                        + " needs a token; send the header Authorization: Bearer muster_…");
    }

    static void accept(HttpServletRequest request, Actor actor) {
        request.setAttribute(Actor.REQUEST_ATTRIBUTE, actor);
        SecurityContext context = SecurityContextHolder.createEmptyContext();
        context.setAuthentication(UsernamePasswordAuthenticationToken.authenticated(actor, null, List.of()));
        SecurityContextHolder.setContext(context);
    }

    private static @Nullable String presented(HttpServletRequest request) {
        String header = request.getHeader(HttpHeaders.AUTHORIZATION);
        return header != null && header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                ? header.substring(SCHEME.length()).trim()
                : null;
    }
}
