package dev.muster.identity.idempotency;

import dev.muster.identity.Actor;
import dev.muster.identity.session.LoginSessions;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.web.ProblemWriter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ContentCachingResponseWrapper;
import org.springframework.web.util.WebUtils;

/**
 * Does a POST with an {@code Idempotency-Key} once, and answers a repetition with the first one's result.
 *
 * <p>Only results are kept. A refusal changed nothing, so its key is free again. A request that broke off (a crash, a fault) may
 * have changed something: its repetition is told so and not done.
 */
@Component
public class IdempotencyFilter extends OncePerRequestFilter {
    public static final String KEY = "Idempotency-Key";
    public static final String REPLAYED = "Idempotency-Replayed";
    public static final int MAX_REQUEST_BYTES = 1024 * 1024;
    public static final int MAX_RESPONSE_BYTES = 256 * 1024;

    private static final Logger LOG = LoggerFactory.getLogger(IdempotencyFilter.class);
    private static final Pattern KEY_FORM = Pattern.compile("[\\x21-\\x7e]{1,128}");
    private static final List<String> KEPT_HEADERS =
            List.of(HttpHeaders.CONTENT_TYPE, HttpHeaders.LOCATION, HttpHeaders.ETAG);

    private final IdempotencyStore store;
    private final ProblemWriter problems;

    IdempotencyFilter(IdempotencyStore store, ProblemWriter problems) {
        this.store = store;
        this.problems = problems;
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return !request.getMethod().equals("POST") || request.getHeader(KEY) == null;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        if (!(request.getAttribute(Actor.REQUEST_ATTRIBUTE) instanceof Actor actor)) {
            chain.doFilter(request, response);
            return;
        }
        try {
            answer(actor, request, response, chain);
        } catch (Refusal refusal) {
            problems.write(response, refusal);
        } catch (DataAccessException e) {
            LOG.warn("cannot look up the idempotency key of a request: the database does not answer", e);
            problems.write(
                    response,
                    ErrorCode.UNAVAILABLE,
                    "the idempotency key cannot be looked up or kept: the database does not answer; try again with the same key");
        }
    }

    private void answer(Actor actor, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        String key = key(request);
        byte[] body = body(request);
        switch (store.reserve(actor, key, fingerprint(request, body))) {
            case Reservation.Fresh() -> {
                doOnce(actor, key, new RepeatableRequest(request, body), response, chain);
            }
            case Reservation.Done(var at, byte[] result) -> {
                if (result == null) {
                    throw new Refusal(
                            ErrorCode.CONFLICT,
                            "the request with the idempotency key %s was done at %s; its result was larger than %d bytes and is not kept, read what it changed instead"
                                    .formatted(key, at, MAX_RESPONSE_BYTES));
                }
                replay(KeptResponse.open(credential(request), result), response);
            }
            case Reservation.Unfinished(var since) ->
                throw new Refusal(
                        ErrorCode.CONFLICT,
                        "the request with the idempotency key %s started at %s and has no result yet; wait for it, or, when it broke off, look at what it changed and use another key"
                                .formatted(key, since));
            case Reservation.Taken(var at) ->
                throw new Refusal(
                        ErrorCode.REFUSED,
                        "the idempotency key %s was used at %s for a request with another path or body; use another key"
                                .formatted(key, at));
            case Reservation.Exhausted() ->
                throw new Refusal(
                        ErrorCode.RATE_LIMITED,
                        "%s has used %d idempotency keys within %s, which is the most; wait, or leave the key out"
                                .formatted(actor, IdempotencyStore.MAX_PER_ACTOR, IdempotencyStore.KEPT_FOR));
        }
    }

    private void doOnce(
            Actor actor, String key, RepeatableRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        ContentCachingResponseWrapper caught = new ContentCachingResponseWrapper(response);
        chain.doFilter(request, caught);
        int status = caught.getStatus();
        byte[] body = caught.getContentAsByteArray();
        if (HttpStatus.valueOf(status).is2xxSuccessful()) {
            store.finish(
                    actor,
                    key,
                    body.length > MAX_RESPONSE_BYTES
                            ? null
                            : new KeptResponse(status, headers(caught), body).seal(credential(request)));
        } else if (status != ErrorCode.INTERNAL.status()) {
            store.release(actor, key);
        }
        caught.copyBodyToResponse();
    }

    private static void replay(KeptResponse kept, HttpServletResponse response) throws IOException {
        response.setStatus(kept.status());
        kept.headers().forEach(response::setHeader);
        response.setHeader(REPLAYED, "true");
        response.setContentLength(kept.body().length);
        response.getOutputStream().write(kept.body());
    }

    private static Map<String, String> headers(HttpServletResponse response) {
        Map<String, String> headers = new LinkedHashMap<>();
        for (String name : KEPT_HEADERS) {
            String value = name.equals(HttpHeaders.CONTENT_TYPE) ? response.getContentType() : response.getHeader(name);
            if (value != null) {
                headers.put(name, value);
            }
        }
        return headers;
    }

    private static String key(HttpServletRequest request) {
        String key = request.getHeader(KEY);
        if (!KEY_FORM.matcher(key).matches()) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "the header " + KEY + " must be 1 to 128 printable characters without spaces, found " + key.length()
                            + " characters");
        }
        return key;
    }

    private static byte[] body(HttpServletRequest request) throws IOException {
        byte[] body = request.getInputStream().readNBytes(MAX_REQUEST_BYTES + 1);
        if (body.length > MAX_REQUEST_BYTES) {
            throw new Refusal(
                    ErrorCode.TOO_LARGE,
                    "a request with an idempotency key has at most " + MAX_REQUEST_BYTES
                            + " bytes, found more; leave the key out or send less at once");
        }
        return body;
    }

    private static byte[] fingerprint(HttpServletRequest request, byte[] body) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            for (String part : new String[] {request.getRequestURI(), query(request), type(request)}) {
                sha256.update(part.getBytes(StandardCharsets.UTF_8));
                sha256.update((byte) '\n');
            }
            return sha256.digest(body);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256, which every Java must have", e);
        }
    }

    private static String query(HttpServletRequest request) {
        return orEmpty(request.getQueryString());
    }

    private static String type(HttpServletRequest request) {
        return orEmpty(request.getContentType());
    }

    /** A token, or the login of a browser; a new login reads nothing that was kept for an old one. */
    private static String credential(HttpServletRequest request) {
        String header = orEmpty(request.getHeader(HttpHeaders.AUTHORIZATION));
        if (header.isEmpty()) {
            Cookie login = WebUtils.getCookie(request, LoginSessions.COOKIE);
            return login == null ? "" : login.getValue();
        }
        return header.substring(header.lastIndexOf(' ') + 1);
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
