package dev.muster.identity.web;

import dev.muster.identity.Actor;
import dev.muster.identity.Authenticator;
import dev.muster.identity.Permissions;
import dev.muster.identity.idempotency.IdempotencyFilter;
import dev.muster.identity.session.LoginSessions;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.web.ProblemWriter;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.authorization.AuthorizationDecision;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.config.observation.SecurityObservationSettings;
import org.springframework.security.core.Authentication;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.access.intercept.AuthorizationFilter;
import org.springframework.security.web.access.intercept.RequestAuthorizationContext;
import org.springframework.security.web.firewall.RequestRejectedHandler;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter.ReferrerPolicy;

/**
 * One filter chain for everything: bearer tokens and the cookie of console logins, no container sessions, no CORS, security
 * headers, deny by default. {@link SessionFilter} says what stands against CSRF.
 */
@Configuration(proxyBeanMethods = false)
class SecurityConfiguration {

    @Bean
    BearerFilter bearerFilter(Authenticator authenticator, ProblemWriter problems) {
        return new BearerFilter(authenticator, problems);
    }

    @Bean
    SessionFilter sessionFilter(LoginSessions sessions, ProblemWriter problems) {
        return new SessionFilter(sessions, problems);
    }

    @Bean
    FilterRegistrationBean<SessionFilter> sessionOnlyInChain(SessionFilter filter) {
        return onlyInChain(filter);
    }

    @Bean
    FilterRegistrationBean<BearerFilter> bearerOnlyInChain(BearerFilter filter) {
        return onlyInChain(filter);
    }

    @Bean
    FilterRegistrationBean<IdempotencyFilter> idempotencyOnlyInChain(IdempotencyFilter filter) {
        return onlyInChain(filter);
    }

    /** Boot would put every filter into the servlet container as well. */
    private static <F extends Filter> FilterRegistrationBean<F> onlyInChain(F filter) {
        FilterRegistrationBean<F> registration = new FilterRegistrationBean<>(filter);
        registration.setEnabled(false);
        return registration;
    }

    /** Requests are measured as wholes; nobody asks how long each filter of the chain took. */
    @Bean
    SecurityObservationSettings filtersAreNotMeasured() {
        return SecurityObservationSettings.noObservations();
    }

    @Bean
    SecurityFilterChain securityFilterChain(
            HttpSecurity http,
            BearerFilter bearer,
            SessionFilter session,
            IdempotencyFilter idempotency,
            ProblemWriter problems) {
        return http.csrf(AbstractHttpConfigurer::disable)
                .cors(AbstractHttpConfigurer::disable)
                .formLogin(AbstractHttpConfigurer::disable)
                .httpBasic(AbstractHttpConfigurer::disable)
                .logout(AbstractHttpConfigurer::disable)
                .anonymous(AbstractHttpConfigurer::disable)
                .requestCache(AbstractHttpConfigurer::disable)
                .sessionManagement(sessions -> sessions.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .headers(headers -> headers.contentSecurityPolicy(
                                csp -> csp.policyDirectives("default-src 'none'; frame-ancestors 'none'"))
                        .referrerPolicy(referrer -> referrer.policy(ReferrerPolicy.NO_REFERRER)))
                .addFilterBefore(bearer, AuthorizationFilter.class)
                .addFilterBefore(session, AuthorizationFilter.class)
                .addFilterAfter(idempotency, AuthorizationFilter.class)
                .authorizeHttpRequests(requests -> requests
                        // Already authorised when they came in; a stream or an error page is dispatched again.
                        .dispatcherTypeMatchers(DispatcherType.ASYNC, DispatcherType.ERROR, DispatcherType.FORWARD)
                        .permitAll()
                        .requestMatchers(request -> Routes.isOpen(request.getRequestURI()))
                        .permitAll()
                        .anyRequest()
                        .access(SecurityConfiguration::decide))
                .exceptionHandling(exceptions -> exceptions
                        .authenticationEntryPoint((request, response, e) -> bearer.challenge(request, response))
                        .accessDeniedHandler((request, response, e) -> deny(request, response, problems)))
                .build();
    }

    /** A malformed or hostile path gets a problem too, not the container's page. */
    @Bean
    RequestRejectedHandler requestRejectedHandler(ProblemWriter problems) {
        return (request, response, rejected) ->
                problems.write(response, ErrorCode.INVALID, "the request is malformed: " + rejected.getMessage());
    }

    /** Asks here for routes outside of Spring MVC's reach; {@link RequiresInterceptor} asks for the others. */
    private static AuthorizationDecision decide(
            Supplier<? extends @Nullable Authentication> authentication, RequestAuthorizationContext context) {
        Authentication caller = authentication.get();
        return new AuthorizationDecision(caller != null
                && caller.isAuthenticated()
                && Routes.isServed(context.getRequest().getRequestURI())
                && refusal(context.getRequest()).isEmpty());
    }

    private static void deny(HttpServletRequest request, HttpServletResponse response, ProblemWriter problems)
            throws IOException {
        Optional<String> refusal = refusal(request);
        if (refusal.isPresent()) {
            problems.write(response, ErrorCode.FORBIDDEN, refusal.get());
        } else {
            problems.write(
                    response, ErrorCode.NOT_FOUND, "there is nothing at this path; /api/openapi.json lists what is");
        }
    }

    private static Optional<String> refusal(HttpServletRequest request) {
        Routes.Need need = Routes.need(request.getRequestURI());
        return need == null || !(request.getAttribute(Actor.REQUEST_ATTRIBUTE) instanceof Actor actor)
                ? Optional.empty()
                : Permissions.refusal(actor, need.verb(), need.kind());
    }
}
