package dev.muster.main;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;

/** The probes are open: whoever asks whether the server lives has no token. */
@Configuration(proxyBeanMethods = false)
public class ProbeSecurity {

    @Bean
    @Order(0)
    public SecurityFilterChain probes(HttpSecurity http) {
        return http.securityMatcher("/livez", "/readyz")
                .authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
                .sessionManagement(sessions -> sessions.disable())
                .csrf(csrf -> csrf.disable())
                .build();
    }
}
