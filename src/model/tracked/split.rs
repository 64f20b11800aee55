//! Serialises facts into plain JSON and, beside it, the origins of its parts, in one pass.

use std::fmt::Display;

use serde::ser::{self, Serialize, Serializer};
use serde_json::value::Serializer as Plain;
use serde_json::{Error, Map, Value};

use super::provenance::{Name, Step};
use super::{OriginId, TRACKED};

/// A part of the document and the origins in it.
pub(super) struct Part {
    /// What rules see.
    pub(super) plain: Value,
    /// Where it came from.
    pub(super) step: Step,
}

/// Takes a fact apart. A [`super::Tracked`] shows itself by the name of a variant whose number is the origin.
pub(super) struct Splitter;

impl From<Value> for Part {
    fn from(plain: Value) -> Self {
        Self { plain, step: Step::default() }
    }
}

/// Scalars are as JSON has them.
macro_rules! scalars {
    ($($method:ident: $type:ty),+) => {
        $(fn $method(self, value: $type) -> Result<Part, Error> {
            Plain.$method(value).map(Part::from)
        })+
    };
}

impl Serializer for Splitter {
    type Ok = Part;
    type Error = Error;
    type SerializeSeq = Items;
    type SerializeTuple = Items;
    type SerializeTupleStruct = Items;
    type SerializeTupleVariant = Of<Items>;
    type SerializeMap = Fields;
    type SerializeStruct = Fields;
    type SerializeStructVariant = Of<Fields>;

    scalars! {
        serialize_bool: bool, serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_f32: f32,
        serialize_f64: f64, serialize_char: char, serialize_str: &str, serialize_bytes: &[u8],
        serialize_unit_struct: &'static str
    }

    fn serialize_none(self) -> Result<Part, Error> {
        self.serialize_unit()
    }

    fn serialize_unit(self) -> Result<Part, Error> {
        Ok(Value::Null.into())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Part, Error> {
        value.serialize(self)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<Part, Error> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<Part, Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Part, Error> {
        let mut part = value.serialize(Self)?;
        if name == TRACKED {
            part.step.origin = Some(OriginId(index));
            return Ok(part);
        }
        let mut fields = Fields::default();
        fields.put(variant.to_owned(), Name::Field(variant), part);
        ser::SerializeMap::end(fields)
    }

    fn serialize_seq(self, length: Option<usize>) -> Result<Items, Error> {
        Ok(Items { plain: Vec::with_capacity(length.unwrap_or_default()), step: Step::default() })
    }

    fn serialize_tuple(self, length: usize) -> Result<Items, Error> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_struct(self, _: &'static str, length: usize) -> Result<Items, Error> {
        self.serialize_seq(Some(length))
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Of<Items>, Error> {
        Ok(Of { variant, inner: self.serialize_seq(Some(length))? })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Fields, Error> {
        Ok(Fields::default())
    }

    fn serialize_struct(self, _: &'static str, length: usize) -> Result<Fields, Error> {
        Ok(Fields { plain: Map::with_capacity(length), ..Fields::default() })
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        length: usize,
    ) -> Result<Of<Fields>, Error> {
        Ok(Of { variant, inner: self.serialize_struct(name, length)? })
    }

    fn collect_str<T: Display + ?Sized>(self, value: &T) -> Result<Part, Error> {
        Ok(Value::String(value.to_string()).into())
    }
}

/// A list.
pub(super) struct Items {
    plain: Vec<Value>,
    step: Step,
}

impl Items {
    fn put(&mut self, part: Part) {
        self.step.put(Name::Index(self.plain.len()), part.step);
        self.plain.push(part.plain);
    }

    fn part(self) -> Part {
        Part { plain: Value::Array(self.plain), step: self.step }
    }
}

/// An object. Nulls are dropped: an absent fact has no key. It keeps its origin, which is where it would be set.
#[derive(Default)]
pub(super) struct Fields {
    plain: Map<String, Value>,
    step: Step,
    key: Option<String>,
}

impl Fields {
    fn put(&mut self, key: String, name: Name, part: Part) {
        self.step.put(name, part.step);
        if !part.plain.is_null() {
            self.plain.insert(key, part.plain);
        }
    }

    fn part(mut self) -> Part {
        self.step.sort();
        Part { plain: Value::Object(self.plain), step: self.step }
    }
}

/// What a variant of an enum holds, below its name.
pub(super) struct Of<T> {
    variant: &'static str,
    inner: T,
}

impl<T> Of<T> {
    fn part(self, part: impl FnOnce(T) -> Part) -> Part {
        let mut fields = Fields::default();
        fields.put(self.variant.to_owned(), Name::Field(self.variant), part(self.inner));
        fields.part()
    }
}

impl ser::SerializeSeq for Items {
    type Ok = Part;
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.put(value.serialize(Splitter)?);
        Ok(())
    }

    fn end(self) -> Result<Part, Error> {
        Ok(self.part())
    }
}

impl ser::SerializeTuple for Items {
    type Ok = Part;
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        ser::SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<Part, Error> {
        Ok(self.part())
    }
}

impl ser::SerializeTupleStruct for Items {
    type Ok = Part;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        ser::SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<Part, Error> {
        Ok(self.part())
    }
}

impl ser::SerializeTupleVariant for Of<Items> {
    type Ok = Part;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        ser::SerializeSeq::serialize_element(&mut self.inner, value)
    }

    fn end(self) -> Result<Part, Error> {
        Ok(self.part(Items::part))
    }
}

impl ser::SerializeMap for Fields {
    type Ok = Part;
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        self.key = Some(match key.serialize(Plain)? {
            Value::String(key) => key,
            other => other.to_string(),
        });
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        let key = self.key.take().ok_or_else(|| ser::Error::custom("a value without a key"))?;
        let part = value.serialize(Splitter)?;
        // without an origin inside the name is not kept
        let name = if part.step.is_empty() { Name::Index(0) } else { Name::Key(key.as_str().into()) };
        self.put(key, name, part);
        Ok(())
    }

    fn end(self) -> Result<Part, Error> {
        Ok(self.part())
    }
}

impl ser::SerializeStruct for Fields {
    type Ok = Part;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Error> {
        let part = value.serialize(Splitter)?;
        self.put(key.to_owned(), Name::Field(key), part);
        Ok(())
    }

    fn end(self) -> Result<Part, Error> {
        Ok(self.part())
    }
}

impl ser::SerializeStructVariant for Of<Fields> {
    type Ok = Part;
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Error> {
        ser::SerializeStruct::serialize_field(&mut self.inner, key, value)
    }

    fn end(self) -> Result<Part, Error> {
        Ok(self.part(Fields::part))
    }
}
