package dev.muster.identity.web;

import dev.muster.identity.Actor;
import dev.muster.identity.session.LoginSessions;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.web.ProblemWriter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.security.core.context.SecurityContextHolder;
import org.springframework.transaction.TransactionException;
import org.springframework.web.filter.OncePerRequestFilter;

/**
 * Authenticates the cookie of a console login, where no bearer token was sent.
 *
 * <p>A browser sends a cookie by itself, so what changes something must also carry the header {@value #GUARD}: another site's
 * page cannot set it without a CORS permission that is never given. {@code SameSite=Strict} is the second lock.
 */
class SessionFilter extends OncePerRequestFilter {
    static final String COOKIE = LoginSessions.COOKIE;
    /** Its presence is what counts against other sites; its value may say that no person is at the console. */
    static final String GUARD = "X-Muster-Console";
    /** The value of {@link #GUARD} on what a console asks by itself: it does not keep the login from being idle. */
    static final String UNATTENDED = "unattended";
    /** Where a request holds its {@link LoginSessions.Recognized login}. */
    static final String SESSION_ATTRIBUTE = SessionFilter.class.getName();

    private static final Logger LOG = LoggerFactory.getLogger(SessionFilter.class);
    private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");

    private final LoginSessions sessions;
    private final ProblemWriter problems;

    SessionFilter(LoginSessions sessions, ProblemWriter problems) {
        this.sessions = sessions;
        this.problems = problems;
    }

    @Override
    protected boolean shouldNotFilter(HttpServletRequest request) {
        return Routes.isOpen(request.getRequestURI())
                || request.getHeader(HttpHeaders.AUTHORIZATION) != null
                || cookie(request) == null;
    }

    @Override
    protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws ServletException, IOException {
        Optional<LoginSessions.Recognized> login;
        try {
            login = sessions.recognize(String.valueOf(cookie(request)), !UNATTENDED.equals(request.getHeader(GUARD)));
        } catch (DataAccessException | TransactionException e) {
            LOG.warn("cannot recognize a login for {} {}", request.getMethod(), request.getRequestURI(), e);
            problems.write(
                    response,
                    ErrorCode.UNAVAILABLE,
                    "the login cannot be checked: the database does not answer; see /readyz and try again");
            return;
        }
        if (login.isPresent() && !SAFE.contains(request.getMethod()) && request.getHeader(GUARD) == null) {
            problems.write(
                    response,
                    ErrorCode.FORBIDDEN,
                    request.getMethod() + " with the cookie of a login needs the header " + GUARD
                            + ", which other sites cannot send; programs use a token instead");
            return;
        }
        try {
            login.ifPresent(recognized -> accept(request, recognized));
            chain.doFilter(request, response);
        } finally {
            SecurityContextHolder.clearContext();
        }
    }

    private static void accept(HttpServletRequest request, LoginSessions.Recognized login) {
        request.setAttribute(SESSION_ATTRIBUTE, login);
        Actor actor = login.actor();
        BearerFilter.accept(request, actor);
    }

    private static @Nullable String cookie(HttpServletRequest request) {
        Cookie[] cookies = request.getCookies();
        if (cookies != null) {
            for (Cookie cookie : cookies) {
                if (COOKIE.equals(cookie.getName())) {
                    return cookie.getValue();
                }
            }
        }
        return null;
    }
}
