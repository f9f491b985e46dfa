use braid_verifier::wrap::WrapKey;
use alloy_primitives::b256;
fn main() {
    let bytes = std::fs::read("/tmp/onchain/wrap.vk").unwrap();
    let key = WrapKey::from_bytes(&bytes, b256!("9a5d558da4561bc16ad2e302637a8b1f655848fd27dc4cbc34a448ddeac9c073")).unwrap();
    let c = &key.data().common;
    for g in &c.gates { println!("{} constraints {}", g.0.id(), g.0.num_constraints()); }
    println!("{}", serde_json::to_string(&c.selectors_info).unwrap());
    println!("{:?} {} {} {} {}", c.k_is, c.num_constants, c.num_gate_constraints, c.num_partial_products, c.quotient_degree_factor);
    println!("{:?}", c.config);
    println!("{:?}", c.fri_params);
}
