package dev.muster.identity.web;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.identity.session.LoginSessions;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseCookie;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** Console logins over HTTP. */
@RestController
@Tag(name = "identity")
class SessionResource {
    private final LoginSessions sessions;
    private final Clock clock;

    SessionResource(LoginSessions sessions, Clock clock) {
        this.sessions = sessions;
        this.clock = clock;
    }

    @Schema(name = "Login")
    record Login(String name, String role, Instant expiresAt) {}

    @PostMapping("/api/v1/session")
    @Requires(verb = Verb.READ, kind = Kind.SELF)
    @Operation(
            operationId = "logIn",
            summary = "Exchanges the token of this request for a cookie that scripts cannot read",
            description =
                    "The login can do what the token can, and ends with it, when idle, at the latest after its life.")
    @ApiResponse(responseCode = "201", description = "logged in; Set-Cookie holds the login")
    ResponseEntity<Login> logIn(Actor actor, HttpServletRequest request) {
        if (request.getAttribute(SessionFilter.SESSION_ATTRIBUTE) != null) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "a login cannot open another one; send the header Authorization: Bearer muster_…");
        }
        LoginSessions.Opened opened = sessions.open(actor);
        return ResponseEntity.status(HttpStatus.CREATED)
                .header(
                        HttpHeaders.SET_COOKIE,
                        cookie(request, opened.secret().reveal()).build().toString())
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .body(new Login(actor.id(), actor.role().wire(), opened.expiresAt()));
    }

    /**
     * @param expiresAt whatever happens
     * @param idleEndsAt when nobody comes to it before
     * @param secondsLeft until the earlier of both, by the server's clock
     */
    @Schema(name = "LoginState")
    record LoginState(String name, String role, Instant expiresAt, Instant idleEndsAt, long secondsLeft) {}

    @GetMapping("/api/v1/session")
    @Requires(verb = Verb.READ, kind = Kind.SELF)
    @Operation(
            operationId = "loginState",
            summary = "Tells when the login of this request ends",
            description =
                    "It ends when it was idle for session-idle, at the latest after session-life. A request with the"
                            + " header X-Muster-Console: unattended does not keep it from being idle, any other does.")
    @ApiResponse(responseCode = "200", description = "the login", useReturnTypeSchema = true)
    @ApiResponse(responseCode = "404", description = "the request came with a token, not with a login")
    ResponseEntity<LoginState> state(Actor actor, HttpServletRequest request) {
        if (!(request.getAttribute(SessionFilter.SESSION_ATTRIBUTE) instanceof LoginSessions.Recognized login)) {
            throw new Refusal(ErrorCode.NOT_FOUND, "this request came with a token, not with the cookie of a login");
        }
        return ResponseEntity.ok()
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .body(new LoginState(
                        actor.id(),
                        actor.role().wire(),
                        login.expiresAt(),
                        login.idleEndsAt(),
                        login.left(clock.instant()).toSeconds()));
    }

    /** A login of the caller's token. */
    @Schema(name = "OpenLogin")
    record OpenLogin(
            Instant openedAt,

            @Schema(description = "exact to a minute") Instant lastUsedAt,

            Instant expiresAt,

            @Schema(description = "whether it is the login of this request")
            boolean current) {}

    @GetMapping("/api/v1/sessions")
    @Requires(verb = Verb.READ, kind = Kind.SELF)
    @Operation(
            operationId = "listLogins",
            summary = "Lists the open logins of the caller's token, the newest first, at most 100")
    List<OpenLogin> list(Actor actor, HttpServletRequest request) {
        String own = request.getAttribute(SessionFilter.SESSION_ATTRIBUTE) instanceof LoginSessions.Recognized login
                ? login.id()
                : null;
        return sessions.of(actor).stream()
                .map(open -> new OpenLogin(
                        open.openedAt(),
                        open.lastUsedAt(),
                        open.expiresAt(),
                        open.id().equals(own)))
                .toList();
    }

    @DeleteMapping("/api/v1/session")
    @Requires(verb = Verb.READ, kind = Kind.SELF)
    @Operation(operationId = "logOut", summary = "Ends the login of this request")
    @ApiResponse(responseCode = "204", description = "logged out")
    ResponseEntity<Void> logOut(Actor actor, HttpServletRequest request) {
        if (request.getAttribute(SessionFilter.SESSION_ATTRIBUTE) instanceof LoginSessions.Recognized login) {
            sessions.end(actor, login.id());
        }
        return gone(request);
    }

    @DeleteMapping("/api/v1/sessions")
    @Requires(verb = Verb.READ, kind = Kind.SELF)
    @Operation(operationId = "logOutEverywhere", summary = "Ends every login that was opened with the caller's token")
    @ApiResponse(responseCode = "204", description = "logged out everywhere")
    ResponseEntity<Void> logOutEverywhere(Actor actor, HttpServletRequest request) {
        sessions.endAll(actor);
        return gone(request);
    }

    private static ResponseEntity<Void> gone(HttpServletRequest request) {
        return ResponseEntity.noContent()
                .header(
                        HttpHeaders.SET_COOKIE,
                        cookie(request, "").maxAge(Duration.ZERO).build().toString())
                .build();
    }

    /** Whoever claims a proxy with TLS in front only makes the own cookie stricter. */
    private static ResponseCookie.ResponseCookieBuilder cookie(HttpServletRequest request, String value) {
        return ResponseCookie.from(SessionFilter.COOKIE, value)
                .httpOnly(true)
                .secure(request.isSecure() || "https".equalsIgnoreCase(request.getHeader("X-Forwarded-Proto")))
                .sameSite("Strict")
                .path("/");
    }
}
