//! Objects read without what no rule looks at and what is often most of them: `metadata.managedFields`, who set which field.
//! It is skipped while the body is read, so that it never takes memory.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Fields on the way to what is left out, the last of them itself.
const LEFT_OUT: [&str; 2] = ["metadata", "managedFields"];

/// Reads an object without its managed fields; anything else as it is.
pub(super) fn without_managed_fields<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
    Without(&LEFT_OUT).deserialize(deserializer)
}

/// Reads a value without the field at this way down.
struct Without(&'static [&'static str]);

impl<'de> DeserializeSeed<'de> for Without {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Without {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("any JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut read = Vec::new();
        while let Some(item) = items.next_element()? {
            read.push(item);
        }
        Ok(Value::Array(read))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut read = Map::new();
        while let Some(key) = fields.next_key::<String>()? {
            match self.0 {
                [last] if *last == key => drop(fields.next_value::<IgnoredAny>()?),
                [next, below @ ..] if *next == key && !below.is_empty() => {
                    let value = fields.next_value_seed(Self(below))?;
                    read.insert(key, value);
                }
                _ => {
                    let value = fields.next_value()?;
                    read.insert(key, value);
                }
            }
        }
        Ok(Value::Object(read))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Value {
        without_managed_fields(&mut serde_json::Deserializer::from_str(text)).unwrap()
    }

    #[test]
    fn only_the_managed_fields_of_the_object_itself_are_left_out() {
        let object = json!({"metadata": {"name": "a", "managedFields": [{"f:spec": {}}]},
            "spec": {"template": {"metadata": {"managedFields": 1}}, "managedFields": [1.5, -1, true, null]}});
        let mut expected = object.clone();
        expected["metadata"].as_object_mut().unwrap().shift_remove("managedFields");
        assert_eq!(read(&object.to_string()), expected);
    }

    #[test]
    fn anything_else_is_read_as_it_is() {
        for text in ["null", "[1, {\"metadata\": {\"managedFields\": 2}}]", "\"managedFields\"", "{\"metadata\": 3}"] {
            assert_eq!(read(text), serde_json::from_str::<Value>(text).unwrap(), "{text}");
        }
    }
}
